//! Approvals of single movements: asked for once, decided once, never by the one who made the
//! movement (contract 7.1).

use serde::Serialize;
use serde_json::Value;

use crate::sandbox::clock::Moment;
use crate::sandbox::http::Reply;
use crate::sandbox::world::World;

use super::fields::Fields;
use super::lifecycle::{self, Step};
use super::lists;
use super::movements::{self, Code, State};
use super::refusal::{Answer, Refusal};
use super::routes::Ask;

#[derive(Debug, Clone)]
pub struct Approval {
    pub movement: u32,
    /// `pending`, `approved`, `rejected`, `expired`.
    pub status: &'static str,
    /// Who has said yes so far; the last one decided.
    pub approvers: Vec<String>,
    pub comment: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

#[derive(Debug, Serialize)]
struct View {
    id: String,
    money_movement_id: String,
    decision: Option<&'static str>,
    status: &'static str,
    approver: Option<String>,
    /// Everyone so far and how many it takes, where one is not enough [inf]: no sample shows such a one.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvers: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_approvals: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    created_at: Moment,
    updated_at: Moment,
}

pub fn id(world: &World, row: u32) -> String {
    world.ids.make("mma_", 10, row)
}

fn view(world: &World, row: u32) -> Option<View> {
    let approval = world.cobre.approvals.get(row as usize)?;
    let needed = Some(world.settings.required_approvals).filter(|needed| *needed > 1);
    Some(View {
        id: id(world, row),
        money_movement_id: movements::id(world, approval.movement),
        decision: match approval.status {
            "approved" => Some("approve"),
            "rejected" => Some("reject"),
            _ => None,
        },
        status: approval.status,
        approver: approval.approvers.last().cloned(),
        approvers: needed.map(|_| approval.approvers.clone()),
        required_approvals: needed,
        comment: approval.comment.clone(),
        created_at: approval.created_at,
        updated_at: approval.updated_at,
    })
}

/// Opens the approval of a movement.
pub fn ask(world: &mut World, movement: u32) {
    let row = u32::try_from(world.cobre.approvals.len()).expect("fewer approvals than movements");
    world.cobre.approvals.push(Approval {
        movement,
        status: "pending",
        approvers: Vec::new(),
        comment: None,
        created_at: world.now,
        updated_at: world.now,
    });
    if let Some(movement) = world.cobre.movements.get_mut(movement as usize) {
        movement.extra.get_or_insert_default().approval = Some(row);
    }
}

pub fn expire(world: &mut World, movement: u32) {
    let now = world.now;
    let asked = world.cobre.movements.get(movement as usize).and_then(|found| found.extra.as_ref()?.approval);
    let approval = asked.and_then(|row| world.cobre.approvals.get_mut(row as usize));
    if let Some(approval) = approval.filter(|approval| approval.status == "pending") {
        (approval.status, approval.updated_at) = ("expired", now);
    }
}

pub fn list(world: &mut World, ask: &Ask) -> Answer {
    let call = ask.call;
    let wanted = call.param("money_movement_id").map(|id| movements::find(world, id).map(|(row, _)| row));
    let rows: Vec<u32> = (0u32..)
        .zip(&world.cobre.approvals)
        .filter(|(_, approval)| {
            wanted.is_none_or(|movement| movement == Some(approval.movement))
                && lists::is(call, "status", approval.status)
        })
        .map(|(row, _)| row)
        .collect();
    lists::small(call, &world.settings, rows.iter().rev(), |row| view(world, *row))
}

/// What an approver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Reject,
}

/// `decision` of a body.
pub fn decision(fields: Fields<'_>) -> Result<Decision, Refusal> {
    match fields.get("decision").and_then(Value::as_str) {
        Some("approve") => Ok(Decision::Approve),
        Some("reject") => Ok(Decision::Reject),
        _ => Err(fields.refuse("decision must be approve or reject")),
    }
}

pub fn decide(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    let movement = Fields::new(&body, "G002").required_text("money_movement_id", 1, 64)?.to_owned();
    decide_one(world, ask, Fields::new(&body, "G002"), &movement)
}

/// `POST /v1/money_movements/{id}/approvals`, the same under another path.
pub fn decide_by_path(world: &mut World, ask: &Ask) -> Answer {
    let body = ask.body("G002")?;
    decide_one(world, ask, Fields::new(&body, "G002"), ask.id(0))
}

fn decide_one(world: &mut World, ask: &Ask, fields: Fields<'_>, movement: &str) -> Answer {
    let decision = decision(fields)?;
    let comment = fields.text("comment", 0, 255)?.map(str::to_owned);
    let (row, movement) = movements::find(world, movement).ok_or_else(movements::missing)?;
    let approver = ask.caller.user();
    let not_pending = || Refusal::new("G004", "The movement is not pending approval");
    if movement.state != State::PendingApproval {
        return Err(not_pending());
    }
    let Some(approval) = movement.extra.as_ref().and_then(|extra| extra.approval) else {
        return Err(Refusal::new("G004", "The movement is decided with its bulk"));
    };
    if movements::creator(world, movement.creator) == approver {
        return Err(Refusal::new("AU007", "The creator of a movement cannot decide on it"));
    }
    let needed = usize::try_from(world.settings.required_approvals).unwrap_or(1).max(1);
    let now = world.now;
    let held = world.cobre.approvals.get_mut(approval as usize).ok_or_else(not_pending)?;
    if held.status != "pending" || held.approvers.iter().any(|earlier| earlier == approver) {
        return Err(Refusal::new("G004", "The approval was decided before"));
    }
    held.approvers.push(approver.to_owned());
    (held.comment, held.updated_at) = (comment, now);
    match decision {
        Decision::Approve if held.approvers.len() < needed => {}
        Decision::Approve => {
            held.status = "approved";
            lifecycle::schedule(world, row, 0, Step::Process);
        }
        Decision::Reject => {
            held.status = "rejected";
            lifecycle::set_state(world, row, State::Canceled, Code::NotApproved);
        }
    }
    Ok(Reply::json(201, &view(world, approval)))
}

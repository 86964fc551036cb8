//! `cuadre decide`: a checker's yes or no to what waits, as it is now.

use std::sync::Arc;
use std::time::Duration;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::output;
use super::sitting::Sitting;
use super::write::{self, Accept};
use crate::domain::id::{BulkId, MovementId};
use crate::domain::movement::{Movement, MovementState};
use crate::payments::Consent;
use crate::payments::bulk::BulkDecisionDraft;
use crate::payments::draft::DecisionDraft;
use crate::payments::policy::permits_at;
use crate::payments::review::{Payment, hash_of_lines};
use crate::providers::{self, Provider};
use crate::sanitize::Clean;
use crate::sync::bulks;
use crate::sync::outbox as writes;
use crate::sync::outbox::Written;

/// How long what was made just now is waited for.
const WAIT: Duration = Duration::from_millis(300);
const WAITS: u32 = 15;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[arg(value_name = "MOVEMENT_OR_BULK")]
    subject: String,
    #[command(subcommand)]
    verdict: Verdict,
}

#[derive(Debug, clap::Subcommand)]
pub enum Verdict {
    Approve {
        #[arg(long, value_name = "TEXT")]
        confirm: String,
        #[arg(long, value_name = "FINDING=REASON")]
        accept: Vec<Accept>,
    },
    Reject {
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let sitting = Sitting::to_write(context, "decide").await?;
    match BulkId::new(&arguments.subject) {
        Ok(id) if arguments.subject.starts_with("bmm_") => bulk(&sitting, id, arguments, context).await,
        Ok(_) | Err(_) => single(&sitting, arguments, context).await,
    }
}

/// A whole bulk: its rows are read and reviewed, and every red one is told before its total counts.
async fn bulk(
    sitting: &Sitting,
    id: BulkId,
    arguments: Arguments,
    context: &Context,
) -> Result<Exit, Failure> {
    let desk = &sitting.desk;
    let Some(provider) = desk.cobre.as_deref() else { return Err(providers::Failure::Unsupported.into()) };
    let mut shown = provider.bulk(&id).await?;
    for _ in 0..WAITS {
        if shown.state.as_str() != "validating" {
            break;
        }
        tokio::time::sleep(WAIT).await;
        shown = provider.bulk(&id).await?;
    }
    if shown.state.as_str() != "pending_approval" {
        let state = context.lang.bulk_state(shown.state.as_str()).to_string();
        let parts = vec![("id", id.to_string()), ("state", state)];
        return Err(Failure::new(Exit::NotSent, "error.write.not_pending", parts));
    }
    let rows: Arc<[Movement]> = provider.whole_bulk(&id).await?.into();
    let review = bulks::review_of(desk, &shown, &rows).await?;
    if let Some(hidden) = write::hidden(&review, context.lang) {
        output::notice(&hidden);
    }
    let reason = match &arguments.verdict {
        Verdict::Approve { .. } => None,
        Verdict::Reject { reason } => Some(reason.clone()),
    };
    let draft = BulkDecisionDraft {
        bulk: id.clone(),
        file_name: shown.file_name.clone(),
        rows: Arc::clone(&rows),
        totals: review.totals.clone(),
        creator: shown.creator.clone(),
        reds: review.red_flags(),
        reason,
    };
    let mut checked = draft.validate().map_err(|found| write::problems(&found, context.lang))?;
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return write::answer(sitting, Written::Denied(denied), context).await;
    }
    if let Verdict::Approve { confirm, accept } = &arguments.verdict {
        let [total] = review.totals.as_slice() else {
            return Err(Failure::usage("error.bulk.currencies", vec![("id", id.to_string())]));
        };
        write::confirmed(confirm, *total, context)?;
        checked = checked.consenting(write::consent_of_rows(&review, accept)?);
    }
    write::step_up(sitting, &checked, context).await?;
    let written = bulks::decide(desk, shown, rows, checked).await;
    write::answer(sitting, written, context).await
}

async fn single(sitting: &Sitting, arguments: Arguments, context: &Context) -> Result<Exit, Failure> {
    let desk = &sitting.desk;
    let Some(provider) = desk.cobre.as_deref() else { return Err(providers::Failure::Unsupported.into()) };
    let named = Clean::new(&arguments.subject).to_string();
    let id = MovementId::new(&arguments.subject)
        .map_err(|_| Failure::usage("error.usage.no_id", vec![("id", named.clone())]))?;
    let mut shown = provider.movement(&id).await?;
    // One that was made just now takes a moment to wait.
    for _ in 0..WAITS {
        if shown.state != MovementState::Initiated {
            break;
        }
        tokio::time::sleep(WAIT).await;
        shown = provider.movement(&id).await?;
    }
    if shown.state != MovementState::PendingApproval {
        let state = context.lang.movement_state(&shown.state).to_string();
        let parts = vec![("id", named), ("state", state)];
        return Err(Failure::new(Exit::NotSent, "error.write.not_pending", parts));
    }
    let reason = match &arguments.verdict {
        Verdict::Approve { .. } => None,
        Verdict::Reject { reason } => Some(reason.clone()),
    };
    let draft = DecisionDraft { shown: Box::new(shown.clone()), reason };
    let checked = draft.validate().map_err(|found| write::problems(&found, context.lang))?;
    if let Err(denied) = permits_at(checked.order(), &desk.actor, desk.now()) {
        return write::answer(sitting, Written::Denied(denied), context).await;
    }
    let facts = [
        sitting.profile.company.clone(),
        sitting.profile.environment.title().to_owned(),
        format!("{} {}", shown.source, shown.source_name),
        format!("{} {} {}", shown.destination, shown.destination_name, shown.destination_account),
        write::shown(shown.amount, context)?,
        shown.description.to_string(),
        shown.creator.to_string(),
    ];
    let consent = match &arguments.verdict {
        Verdict::Approve { confirm, accept } => {
            write::confirmed(confirm, shown.amount, context)?;
            let payment = Payment::of_movement(&shown, desk.now());
            write::consent(sitting, &payment, &facts, accept, context).await?
        }
        Verdict::Reject { .. } => {
            Consent { shown: Some(hash_of_lines(facts.iter().map(String::as_str))), accepted: Vec::new() }
        }
    };
    let checked = checked.consenting(consent);
    write::step_up(sitting, &checked, context).await?;
    let written = writes::decide(desk, shown, checked).await;
    write::answer(sitting, written, context).await
}

//! The boundary to the world: effects go out, messages come back. The loop knows [`World`]; the desk has
//! [`Live`] behind it, a test a recorder.

use super::effect::{Lab, Remember, Sit};
use super::message::Message;
use super::model::{Saying, Seat};
use crate::sync::news::{Ask, News};
use crate::sync::{Background, Desk};
use std::future::{Future, pending};
use std::pin::Pin;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

/// Whatever carries effects out.
pub trait World {
    /// Asks the background. Answers come as messages.
    fn ask(&mut self, ask: Ask);
    /// Sits down anew; answered by `Message::Seated` or `Said`.
    fn sit(&mut self, sit: Sit);
    /// Keeps a choice for the next start.
    fn remember(&mut self, what: Remember);
    /// Makes something go wrong at the sandbox of this desk; others have no laboratory.
    fn lab(&mut self, _: Lab) {}
    /// The next message. Dropping the future loses none.
    fn next(&mut self) -> impl Future<Output = Message>;
    /// A message that is there already.
    fn try_next(&mut self) -> Option<Message>;
    /// Waits for writes that are under way, so that their outcomes get to the disk.
    fn finish(self) -> impl Future<Output = ()>;
}

/// A desk and its seat, or why there is none.
pub type Seating = Pin<Box<dyn Future<Output = Result<(Desk, Seat), Saying>> + Send>>;

/// What only the profile knows how to do.
pub struct Profile {
    /// Opens another role, another profile, or this one with or without writing.
    pub sit: Box<dyn Fn(Sit) -> Seating + Send>,
    pub remember: Box<dyn Fn(Remember) + Send>,
    /// Only where the desk has a sandbox of its own.
    pub lab: Option<Box<dyn Fn(Lab) + Send>>,
}

type Seated = Result<Box<(Desk, Seat)>, Saying>;

/// The world of the running program: `sync` behind the screen.
pub struct Live {
    background: Background,
    news: UnboundedReceiver<News>,
    seated: UnboundedReceiver<Seated>,
    seating: UnboundedSender<Seated>,
    /// Backgrounds of earlier seats, until their writes are on the disk.
    leaving: TaskTracker,
    profile: Profile,
}

impl Live {
    /// Starts the work behind the screen. Must be called on the runtime.
    pub fn start(desk: Desk, profile: Profile) -> Self {
        let (tell, news) = unbounded_channel();
        let (seating, seated) = unbounded_channel();
        let background = Background::start(desk, tell);
        Self { background, news, seated, seating, leaving: TaskTracker::new(), profile }
    }

    /// Takes the new seat. What the old background still tells belongs to a desk that is left: its
    /// channel goes with it.
    fn take(&mut self, seated: Seated) -> Message {
        let (desk, seat) = match seated {
            Ok(seated) => *seated,
            Err(saying) => return Message::Said(saying),
        };
        let (tell, news) = unbounded_channel();
        let left = std::mem::replace(&mut self.background, Background::start(desk, tell));
        self.news = news;
        self.leaving.spawn(left.finish());
        Message::Seated(Box::new(seat))
    }
}

impl World for Live {
    fn ask(&mut self, ask: Ask) {
        self.background.ask(ask);
    }

    fn sit(&mut self, sit: Sit) {
        let seating = (self.profile.sit)(sit);
        let answer = self.seating.clone();
        tokio::spawn(async move {
            let seated = seating.await.map(Box::new);
            if answer.send(seated).is_err() {
                tracing::debug!("the desk was left before the new seat was ready");
            }
        });
    }

    fn remember(&mut self, what: Remember) {
        (self.profile.remember)(what);
    }

    fn lab(&mut self, lab: Lab) {
        if let Some(inject) = &self.profile.lab {
            inject(lab);
        }
    }

    async fn next(&mut self) -> Message {
        tokio::select! {
            biased;
            Some(seated) = self.seated.recv() => self.take(seated),
            Some(news) = self.news.recv() => Message::News(news),
            else => pending().await,
        }
    }

    fn try_next(&mut self) -> Option<Message> {
        if let Ok(seated) = self.seated.try_recv() {
            return Some(self.take(seated));
        }
        self.news.try_recv().ok().map(Message::News)
    }

    async fn finish(self) {
        self.background.finish().await;
        self.leaving.close();
        self.leaving.wait().await;
    }
}

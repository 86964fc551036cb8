//! Forms, confirmations and lists to choose from, one question at a time. What is answered goes the way of
//! keys: the form checks it, and only its own typed confirmation sends.

use super::Desk;
use super::lists;
use crate::console::forms::{self, Asked};
use crate::console::message::Message;
use crate::console::model::Modal;
use crate::console::runtime::World;
use crate::console::widgets::form::{Asks, Question};
use crate::i18n::{Lang, fold};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::Line;
use std::io::{self, Write};
use std::time::Duration;

/// A dialog does not listen at first: what was sent ahead is no answer.
const DEAF: Duration = Duration::from_millis(600);
const PASSPHRASE: &str = "confirm.type_passphrase";
/// Rows of a list that are said without being searched for.
const CHOICES: usize = 9;
/// How long a code to pay may take to come after its order was taken, and other answers that a form waits for.
const CODE_WAIT: Duration = Duration::from_secs(6);

impl<W: World, O: Write> Desk<W, O> {
    fn press(&mut self, code: KeyCode) -> io::Result<()> {
        // As the table has it: a form's keys may be bound otherwise.
        let event = self.model.keymap.from_form(KeyEvent::new(code, KeyModifiers::NONE));
        self.take(Message::Input(Event::Key(event)))
    }

    fn press_ctrl(&mut self, letter: char) -> io::Result<()> {
        let event = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        self.take(Message::Input(Event::Key(self.model.keymap.from_form(event))))
    }

    fn type_in(&mut self, text: &str) -> io::Result<()> {
        self.take(Message::Input(Event::Paste(text.to_owned())))
    }

    /// Asks whatever is open, until nothing is.
    pub(super) async fn open(&mut self) -> io::Result<()> {
        while self.left.is_none() {
            // What a proof let through is on its way without a form.
            let Some(modal) = &self.model.modal else { return self.outcome().await };
            match modal {
                Modal::Form(form) => match forms::asked(form) {
                    Asked::Fields(_) => self.fields().await?,
                    Asked::Confirm(_) => self.confirm().await?,
                    Asked::Nothing => self.shown().await?,
                },
                Modal::Pick(_) => self.pick().await?,
                Modal::Vow(_) => self.vow().await?,
                Modal::Leave => self.leave().await?,
                // What searches by typing has its own verbs here.
                _ => self.model.modal = None,
            }
        }
        Ok(())
    }

    async fn answer(&mut self, prompt: &str) -> io::Result<Option<String>> {
        let answer = self.question(prompt).await?;
        if answer.is_none() {
            // No more lines: nothing that was begun is done.
            self.model.modal = None;
        }
        Ok(answer.map(|line| line.trim().to_owned()))
    }

    /// As [`answer`](Self::answer), not shown while it is typed.
    async fn hidden(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.echo(false);
        let answer = self.answer(prompt).await;
        self.echo(true);
        answer
    }

    /// Whether a terminal shows what is typed. Where that can't be changed it stays visible.
    fn echo(&self, on: bool) {
        if self.typist.terminal
            && std::process::Command::new("stty").arg(if on { "echo" } else { "-echo" }).status().is_err()
        {
            tracing::debug!("what is typed stays visible");
        }
    }

    /// Nothing is said of a desk that is locked until its passphrase was typed.
    pub(super) async fn unlock(&mut self) -> io::Result<()> {
        while self.left.is_none() && self.model.lock.is_shut() {
            let prompt = format!("{} ", self.word("plain.locked"));
            let Some(line) = self.hidden_raw(&prompt).await? else { return Ok(()) };
            for letter in line.trim().chars() {
                self.press(KeyCode::Char(letter))?;
            }
            self.told.proofs = 0;
            self.press(KeyCode::Enter)?;
            self.until(CODE_WAIT, |desk| desk.told.proofs > 0).await?;
        }
        Ok(())
    }

    async fn hidden_raw(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.echo(false);
        let line = self.next_line(prompt).await;
        self.echo(true);
        line
    }

    fn is_cancel(line: &str) -> bool {
        let line = fold(line);
        Lang::ALL.into_iter().any(|lang| fold(lang.word("plain.verb.cancel")) == line)
    }

    /// One field after another, then the review. A field that does not hold is asked again.
    async fn fields(&mut self) -> io::Result<()> {
        let (mut reviewed, mut asked) = (false, Vec::new());
        self.until(CODE_WAIT, |desk| !desk.waits()).await?;
        // From the first field on, also where the form begins further down: what is filled in is read out.
        while self.field().is_some_and(|(question, _)| !question.first) {
            self.press(KeyCode::BackTab)?;
        }
        loop {
            let lang = self.model.lang();
            let Some((question, problem)) = self.field() else { return Ok(()) };
            if reviewed && problem.is_none() {
                // Everything that was pointed out holds now.
                self.press_ctrl('o')?;
                if self.field().is_none_or(|(_, problem)| problem.is_none()) {
                    return Ok(());
                }
                continue;
            }
            if let Some(problem) = problem.filter(|_| asked.contains(&question.field)) {
                self.say(&format!("! {problem}"))?;
            }
            asked.push(question.field);
            let numbered = self.choices(&question)?;
            let asked_so = prompt(&question, lang);
            let line =
                if question.masked { self.hidden(&asked_so).await? } else { self.answer(&asked_so).await? };
            let Some(line) = line else { return Ok(()) };
            if Self::is_cancel(&line) {
                self.press(KeyCode::Esc)?;
                if self.field().is_some() {
                    self.press(KeyCode::Enter)?;
                }
                self.say(self.word("plain.nothing_done"))?;
                self.model.modal = None;
                return Ok(());
            }
            if !self.fill(&question, &line, numbered)? {
                continue;
            }
            if question.last || reviewed {
                reviewed = true;
                self.press_ctrl('o')?;
                if self.field().is_none() {
                    return Ok(());
                }
            } else {
                self.press(KeyCode::Tab)?;
            }
        }
    }

    fn field(&self) -> Option<(Question, Option<String>)> {
        let Some(Modal::Form(form)) = &self.model.modal else { return None };
        let Asked::Fields(fields) = forms::asked(form) else { return None };
        let question = fields.question()?;
        let problem = fields.problem(question.field, self.model.lang());
        Some((question, problem))
    }

    /// Says what there is to choose, and how many of it have a number.
    fn choices(&mut self, question: &Question) -> io::Result<usize> {
        let Asks::Pick { chosen: None, found } = &question.asks else { return Ok(0) };
        if found.len() > CHOICES {
            let line = self.model.lang().say("plain.choices", &[("n", &found.len())]);
            self.say(&line)?;
            return Ok(0);
        }
        for (number, (name, barred)) in (1_usize..).zip(found) {
            let why = barred.as_ref().map(|why| format!(" (· {why})")).unwrap_or_default();
            self.say(&format!("  {number}. {name}{why}"))?;
        }
        Ok(found.len())
    }

    /// Puts an answer into the field in focus. `false`: it has to be asked again.
    fn fill(&mut self, question: &Question, line: &str, numbered: usize) -> io::Result<bool> {
        match &question.asks {
            _ if line.is_empty() => Ok(true),
            Asks::Text { .. } => {
                self.press_ctrl('u')?;
                // Typed, not pasted: it answers this question and no other.
                for letter in line.chars() {
                    self.press(KeyCode::Char(letter))?;
                }
                Ok(true)
            }
            Asks::Check { on } => {
                let Some(wanted) = yes_or_no(line) else {
                    self.say(self.word("plain.yes_or_no"))?;
                    return Ok(false);
                };
                if wanted != *on {
                    self.press(KeyCode::Char(' '))?;
                }
                Ok(true)
            }
            Asks::Pick { chosen, found } => {
                if let Some(number) = line.parse::<usize>().ok().filter(|n| (1..=numbered).contains(n)) {
                    for _ in 0..found.len() {
                        self.press(KeyCode::Up)?;
                    }
                    for _ in 1..number {
                        self.press(KeyCode::Down)?;
                    }
                    return self.taken();
                }
                if chosen.is_some() {
                    self.press(KeyCode::Backspace)?;
                }
                self.press_ctrl('u')?;
                self.type_in(line)?;
                match self.field().map(|(now, _)| now.asks) {
                    Some(Asks::Pick { chosen: Some(_), .. }) => Ok(true),
                    Some(Asks::Pick { found, .. }) if found.len() == 1 => self.taken(),
                    Some(Asks::Pick { found, .. }) if found.is_empty() => {
                        self.say(self.word("plain.none_found"))?;
                        self.press_ctrl('u')?;
                        Ok(false)
                    }
                    _ => Ok(false),
                }
            }
        }
    }

    /// Takes the marked row; it goes on to the next field by itself, and is brought back.
    fn taken(&mut self) -> io::Result<bool> {
        let before = self.field().map(|(question, _)| question.field);
        self.press(KeyCode::Enter)?;
        let after = self.field().map(|(question, _)| question.field);
        if after.is_some() && after != before {
            self.press(KeyCode::BackTab)?;
        }
        let taken =
            matches!(self.field(), Some((Question { asks: Asks::Pick { chosen: Some(_), .. }, .. }, _)));
        if !taken {
            self.say(self.word("plain.barred"))?;
        }
        Ok(taken)
    }

    /// The dialog's words, then its question, until what is typed matches or nothing is.
    async fn confirm(&mut self) -> io::Result<()> {
        let mut said = false;
        loop {
            let look = self.model.look();
            let Some(Modal::Form(form)) = &self.model.modal else { return self.outcome().await };
            let Asked::Confirm(dialog) = forms::asked(form) else { return Ok(()) };
            let ((mut facts, read), (asked, _)) = (dialog.facts(&look), dialog.asked(&look));
            facts.extend(read);
            let said_of = |lines: &[Line<'_>]| -> Vec<String> {
                let lines = lines.iter().map(|line| line.to_string().trim().to_owned());
                lines.filter(|line| !line.is_empty()).collect()
            };
            let (facts, asked) = (said_of(&facts), said_of(&asked));
            let title = dialog.title(&look);
            let hidden = asked.first().is_some_and(|line| line.starts_with(look.lang.word(PASSPHRASE)));
            // The question, what is missing; the last line names keys.
            let (question, missing) = match asked.as_slice() {
                [question, between @ .., _] => (question.clone(), between.join(" ")),
                _ => (String::new(), String::new()),
            };
            if !said {
                said = true;
                self.say(&title)?;
                for line in &facts {
                    self.say(line)?;
                }
                self.say(self.word("plain.empty_does_nothing"))?;
            } else if !missing.is_empty() {
                self.say(&missing)?;
            }
            let answer = if hidden {
                self.hidden(&format!("{question} ")).await?
            } else {
                self.answer(&format!("{question} ")).await?
            };
            let Some(line) = answer else { return Ok(()) };
            if line.is_empty() || Self::is_cancel(&line) {
                self.press(KeyCode::Esc)?;
                self.model.modal = None;
                return self.say(self.word("plain.nothing_done"));
            }
            tokio::time::sleep(DEAF).await;
            self.type_in(&line)?;
            let matches = match &self.model.modal {
                Some(Modal::Form(form)) => {
                    matches!(forms::asked(form), Asked::Confirm(dialog) if dialog.matches())
                }
                _ => false,
            };
            if matches {
                self.press(KeyCode::Enter)?;
                self.outcome().await?;
                return Ok(());
            }
            let again = match &self.model.modal {
                Some(Modal::Form(form)) => match forms::asked(form) {
                    Asked::Confirm(dialog) => dialog.missing(&self.model.look()),
                    Asked::Fields(_) | Asked::Nothing => String::new(),
                },
                _ => String::new(),
            };
            if !again.is_empty() {
                self.say(&format!("! {again}"))?;
            }
            self.press_ctrl('u')?;
        }
    }

    /// What is only shown: its text, and one key by its letter, or nothing to close it.
    async fn shown(&mut self) -> io::Result<()> {
        self.outcome().await?;
        self.until(CODE_WAIT, |desk| !desk.waits()).await?;
        let Some(Modal::Form(form)) = &self.model.modal else { return Ok(()) };
        if !matches!(forms::asked(form), Asked::Nothing) {
            return Ok(());
        }
        let lines = lists::of_form(form, &self.model);
        let words = forms::words_asked(form, self.model.lang());
        let hints: Vec<String> = forms::hints(form, &self.model)
            .into_iter()
            .filter(|(key, _)| key.chars().count() == 1 && key.chars().all(char::is_alphanumeric))
            .map(|(key, word)| format!("{key} {}", self.word(word)))
            .collect();
        let goes_on = forms::hints(form, &self.model).into_iter().find(|(key, _)| key == "⏎");
        // The words are the question; what is drawn under them is of keys.
        let is_question = |line: &String| words.as_ref().is_some_and(|words| words.starts_with(line));
        for line in lines.iter().take_while(|line| !is_question(line)) {
            self.say(line)?;
        }
        if let Some((_, word)) = goes_on {
            let whether = self.model.lang().say("plain.go_on", &[("what", &self.word(word))]);
            let prompt = words.unwrap_or(whether);
            let Some(line) = self.answer(&format!("{prompt} ")).await? else { return Ok(()) };
            tokio::time::sleep(DEAF).await;
            let said_no = line.is_empty() || Self::is_cancel(&line) || yes_or_no(&line) == Some(false);
            if !said_no {
                // More than a yes is what the dialog asks to be typed, a letter at a time.
                if yes_or_no(&line).is_none() {
                    for letter in line.chars() {
                        self.press(KeyCode::Char(letter))?;
                    }
                }
                let before = self.model.modal.clone();
                self.press(KeyCode::Enter)?;
                if before.is_none() || self.model.modal != before {
                    return self.outcome().await;
                }
            }
            self.press(KeyCode::Esc)?;
            self.model.modal = None;
            return self.say(self.word("plain.nothing_done"));
        }
        let keys = hints.join(" · ");
        let prompt = self.model.lang().say("plain.close", &[("keys", &keys)]);
        let Some(line) = self.answer(&format!("{prompt} ")).await? else { return Ok(()) };
        let mut letters = line.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if hints.iter().any(|hint| hint.starts_with(letter)) => {
                self.press(KeyCode::Char(letter))
            }
            _ => {
                self.press(KeyCode::Esc)?;
                self.model.modal = None;
                Ok(())
            }
        }
    }

    fn waits(&self) -> bool {
        match &self.model.modal {
            Some(Modal::Form(form)) => forms::waits(form),
            _ => false,
        }
    }

    async fn pick(&mut self) -> io::Result<()> {
        let Some(Modal::Pick(pick)) = &self.model.modal else { return Ok(()) };
        let rows: Vec<String> = pick.rows.iter().map(|row| format!("{} {}", row.name, row.note)).collect();
        let title = self.word(pick.title);
        self.say(title)?;
        for (number, row) in (1_usize..).zip(&rows) {
            self.say(&format!("  {number}. {row}"))?;
        }
        let prompt = self.word("plain.number");
        let Some(line) = self.answer(&format!("{prompt} ")).await? else { return Ok(()) };
        match line.parse::<usize>().ok().and_then(|number| number.checked_sub(1)) {
            Some(at) if at < rows.len() => {
                if let Some(Modal::Pick(pick)) = &mut self.model.modal {
                    pick.at = at;
                }
                self.press(KeyCode::Enter)?;
                self.seated().await
            }
            _ => {
                self.model.modal = None;
                self.say(self.word("plain.nothing_done"))
            }
        }
    }

    async fn vow(&mut self) -> io::Result<()> {
        let Some(Modal::Vow(vow)) = &self.model.modal else { return Ok(()) };
        let (said, ask) = vow.said(self.model.lang());
        self.say(&said)?;
        let Some(line) = self.answer(&format!("{ask} ")).await? else { return Ok(()) };
        tokio::time::sleep(DEAF).await;
        self.type_in(&line)?;
        self.press(KeyCode::Enter)?;
        if self.model.modal.is_some() {
            self.model.modal = None;
            return self.say(self.word("plain.nothing_done"));
        }
        self.seated().await
    }

    /// Another seat comes as a message; its notice says where one sits.
    async fn seated(&mut self) -> io::Result<()> {
        if self.model.modal.is_some() {
            return Ok(());
        }
        let before = self.model.notice.clone();
        self.until(Duration::from_secs(15), |desk| desk.model.notice != before).await
    }

    async fn leave(&mut self) -> io::Result<()> {
        let Some(line) = self.answer(&format!("{} ", self.word("plain.leave"))).await? else { return Ok(()) };
        self.press(if yes_or_no(&line) == Some(true) { KeyCode::Enter } else { KeyCode::Esc })
    }
}

/// `Valor (1.200.000,00) [nada]: `
fn prompt(question: &Question, lang: Lang) -> String {
    let mut prompt = lang.word(question.label).to_owned();
    if matches!(question.asks, Asks::Check { .. }) {
        prompt = format!("{prompt} ({})", lang.word("plain.check"));
    } else if let Some(hint) = question.hint {
        prompt = format!("{prompt} ({})", lang.word(hint));
    }
    let now = match &question.asks {
        Asks::Text { now } => now.clone(),
        Asks::Pick { chosen, .. } => chosen.clone().unwrap_or_default(),
        Asks::Check { on } => lang.word(if *on { "help.yes" } else { "help.no" }).to_owned(),
    };
    if !now.is_empty() {
        prompt = format!("{prompt} [{now}]");
    }
    format!("{prompt}: ")
}

fn yes_or_no(line: &str) -> Option<bool> {
    match fold(line).as_str() {
        "s" | "si" | "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

//! Running an import.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use anshu_data::BatchInfo;
use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::decision::Input;
use anshu_model::org::Person;
use anshu_model::port::{Centre, Find};
use anshu_model::{Error, Id, Problem, Result};
use anshu_sandbox::Call;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::convert::{Against, Converted, convert};
use super::dry::Dry;
use super::mapping::Mapping;
use super::rows::Rows;
use super::tally::Tally;
use super::{Report, TOLD};
use crate::app::{App, act};

/// Rows in flight: enough that commits share disk flushes, few enough that memory stays small.
pub const IN_FLIGHT: usize = 48;

/// What is imported, by whom.
#[derive(Debug, Clone)]
pub struct Job {
    /// The file.
    pub file: PathBuf,
    /// How its rows are read.
    pub mapping: Mapping,
    /// What the mapping is called, for the record.
    pub mapping_name: String,
    /// Who is responsible.
    pub person: Person,
    /// Whether nothing is kept.
    pub dry: bool,
    /// Whether rows that can be read are taken in although others cannot.
    pub partly: bool,
    /// The file into which every problem is written, where somebody wants them all.
    pub problems: Option<PathBuf>,
}

/// A row that was read: its line, the bytes read by then, and what it became.
type Sent = std::result::Result<(u64, u64, Converted), Vec<Problem>>;

/// A row on its way. Rows are told of in their order, whichever is done first.
enum Flight {
    /// It could not be read.
    Refused(Vec<Problem>),
    /// It is with the pack.
    Flying(u64, AbortOnDropHandle<Result<()>>),
}

/// Imports a file. Rows that the mapping cannot read stop it before anything is kept, unless the job says otherwise; rows
/// that the pack refuses are told, and the others are kept as one batch that can be undone. A dry run stops at nothing: it
/// tells what the mapping and what the pack cannot take, all at once.
///
/// # Errors
/// [`Error::Invalid`] where the header does not fit; [`Error::Denied`] where the person may not import.
pub async fn import(app: &App, job: Job) -> Result<Report> {
    let words = app.words().await?;
    let Some((pack, action)) = words.action(&job.mapping.pack, &job.mapping.action) else {
        let found = format!("没有操作 {}.{}", job.mapping.pack, job.mapping.action);
        return Err(Error::invalid("映射 pack、action", found, "已安装插件声明的操作"));
    };
    let purpose = act::purpose(&pack.manifest, action, None);
    let ctx = context(app, &job.person, &purpose)?;
    app.data.allows(&ctx, "import").await?;
    let job = Arc::new(job);
    let against = Arc::new(Settled {
        divisions: words.divisions.clone(),
        offset: words.calendar.offset(),
        today: words.now.date(words.calendar.offset()),
    });

    let (checked, digest) = check(job.clone(), against.clone()).await?;
    if checked.refused > 0 && !job.partly && !job.dry {
        return Ok(checked);
    }
    let batch = if job.dry {
        None
    } else {
        let info = BatchInfo {
            file: job
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            mapping: job.mapping_name.clone(),
            sha256: digest,
        };
        Some(app.data.begin_batch(&ctx, info).await?)
    };
    let purpose = Purpose { serves: batch.clone(), ..purpose };
    let report = run(app, &job, against, purpose).await?;
    Ok(Report { batch: batch.filter(|_| report.taken > 0), ..report })
}

fn context(app: &App, person: &Person, purpose: &Purpose) -> Result<OpContext> {
    app.context_for(Principal::Person(Box::new(person.clone())), purpose.clone())
}

/// What values are read against, shared by the passes.
#[derive(Debug)]
struct Settled {
    divisions: Arc<anshu_model::division::Register>,
    offset: anshu_model::instant::Offset,
    today: jiff::civil::Date,
}

impl Settled {
    fn against(&self) -> Against<'_> {
        Against { divisions: &self.divisions, offset: self.offset, today: self.today }
    }
}

/// The first pass: every row against the mapping.
async fn check(job: Arc<Job>, settled: Arc<Settled>) -> Result<(Report, String)> {
    let work = move || {
        let mut rows = Rows::open(&job.file, &job.mapping.columns())?;
        let mut tally = Tally::new(job.problems.as_deref())?;
        while let Some(row) = rows.next() {
            tally.row();
            match row.map(|row| convert(&job.mapping, &row, &settled.against())) {
                Ok(Ok(_)) => {}
                Ok(Err(problems)) => tally.refuse(problems)?,
                Err(problem) => tally.refuse([problem])?,
            }
        }
        Ok((tally.end()?, rows.digest()))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))?
}

/// The second pass: every row through the pack.
async fn run(app: &App, job: &Arc<Job>, settled: Arc<Settled>, purpose: Purpose) -> Result<Report> {
    let (send, mut receive) = mpsc::channel::<Sent>(IN_FLIGHT * 2);
    let size = std::fs::metadata(&job.file).map_or(0, |file| file.len());
    let reading = {
        let job = job.clone();
        tokio::task::spawn_blocking(move || read(&job, &settled, &send))
    };
    let bar = progress(size, job.dry);
    let mut tally = Tally::new(job.problems.as_deref())?;
    let tasks = TaskTracker::new();
    let mut flights: VecDeque<Flight> = VecDeque::with_capacity(IN_FLIGHT);
    while let Some(sent) = receive.recv().await {
        tally.row();
        if flights.len() >= IN_FLIGHT
            && let Some(first) = flights.pop_front()
        {
            land(first, &mut tally, &job.mapping).await?;
        }
        let flight = match sent {
            Ok((line, bytes, row)) => {
                bar.set_position(bytes);
                let (app, job, purpose) = (app.clone(), job.clone(), purpose.clone());
                let task = tasks.spawn(async move { one(&app, &job, purpose, row).await });
                Flight::Flying(line, AbortOnDropHandle::new(task))
            }
            Err(problems) => Flight::Refused(problems),
        };
        flights.push_back(flight);
        bar.set_message(told_while_running(&tally));
    }
    for flight in flights {
        land(flight, &mut tally, &job.mapping).await?;
    }
    bar.finish_and_clear();
    reading.await.map_err(|error| Error::Internal(error.to_string()))??;
    tally.end()
}

/// How many rows were refused, for whoever waits.
fn told_while_running(tally: &Tally) -> String {
    match tally.refused() {
        0 => String::new(),
        refused => format!("，{refused} 行有误"),
    }
}

fn read(job: &Job, settled: &Settled, send: &mpsc::Sender<Sent>) -> Result<()> {
    let mut rows = Rows::open(&job.file, &job.mapping.columns())?;
    while let Some(row) = rows.next() {
        let sent = match row {
            Ok(row) => convert(&job.mapping, &row, &settled.against())
                .map(|converted| (row.line, row.bytes, converted)),
            Err(problem) => Err(vec![problem]),
        };
        if send.blocking_send(sent).is_err() {
            break;
        }
    }
    Ok(())
}

/// One row: one invocation.
async fn one(app: &App, job: &Job, purpose: Purpose, row: Converted) -> Result<()> {
    let context = context(app, &job.person, &purpose)?;
    let occurred_at = row.occurred_at.unwrap_or(context.now).min(context.now);
    let subject = match (&job.mapping.subject, row.subject) {
        (Some(subject), Some(value)) => Some(find(app, &context, subject, &value).await?),
        _ => None,
    };
    let input = Input::Action {
        name: job.mapping.action.clone(),
        subject,
        answers: row.answers,
        occurred_at,
    };
    let call = Call { context, pack: job.mapping.pack.clone(), input };
    if job.dry {
        app.sandbox.invoke(&Dry(app.data.clone()), call).await?;
    } else {
        app.sandbox.invoke(&app.data, call).await?;
    }
    Ok(())
}

/// The entity that a row is about.
async fn find(
    app: &App,
    context: &OpContext,
    subject: &super::mapping::Subject,
    value: &str,
) -> Result<Id> {
    let query = Find::Entities {
        kind: subject.kind,
        facet: subject.facet.clone(),
        conditions: vec![(subject.attribute.clone(), value.to_owned())],
        within: None,
        limit: 2,
        after: None,
    };
    let mut snapshot = app.data.open(context).await?;
    let found = snapshot.find(&query).await?;
    match found.as_slice() {
        [only] => Ok(only.head.id.clone()),
        [] => Err(Error::invalid(&subject.column, "没有这个办理对象", "已登记的编号")),
        _ => Err(Error::invalid(&subject.column, "对应多个办理对象", "唯一的编号")),
    }
}

/// Waits for a row and counts it.
async fn land(flight: Flight, tally: &mut Tally, mapping: &Mapping) -> Result<()> {
    match flight {
        Flight::Refused(problems) => tally.refuse(problems),
        Flight::Flying(line, task) => match task.await {
            Ok(Ok(())) => {
                tally.take();
                Ok(())
            }
            Ok(Err(error)) => tally.refuse(told(line, error, mapping)),
            Err(error) => tally.refuse(told(line, Error::Internal(error.to_string()), mapping)),
        },
    }
}

/// An answer of the pack, with the row and the column that it is about.
fn told(line: u64, error: Error, mapping: &Mapping) -> Vec<Problem> {
    let place = |at: &str| match mapping.column_of(at) {
        Some(column) => format!("第 {line} 行（{column}）"),
        None => format!("第 {line} 行 {at}"),
    };
    match error {
        Error::Invalid(problems) => problems
            .into_iter()
            .take(TOLD)
            .map(|problem| Problem { at: place(&problem.at), ..problem })
            .collect(),
        Error::Internal(text) => {
            tracing::error!(line, error = text, "row not imported");
            vec![Problem::new(
                format!("第 {line} 行"),
                "内部错误",
                "重试；若仍不行，请查看运行日志",
            )]
        }
        other => vec![Problem::new(format!("第 {line} 行"), other.to_string(), "可以办理的内容")],
    }
}

fn progress(size: u64, dry: bool) -> ProgressBar {
    let bar = ProgressBar::new(size);
    let word = if dry { "试运行" } else { "导入" };
    let template = format!("{word} {{bar:30}} {{percent}}%  已用 {{elapsed}}，还需 {{eta}}{{msg}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

/// Undoes an import: what it made goes, unless somebody has touched it since.
///
/// # Errors
/// [`Error::NotFound`] where there is no such batch; [`Error::Denied`] where the person may not import.
pub async fn undo(app: &App, person: &Person, batch: &Id) -> Result<anshu_data::Undone> {
    let ctx = app.context(person, Some(batch.clone()))?;
    app.data.allows(&ctx, "import").await?;
    app.data.undo_batch(&ctx, batch).await
}

//! Sessions, by the digest of their token. Rights are never kept in them: they are those that the account has now.

use std::path::Path;

use anshu_model::context::{OpContext, Principal, Purpose};
use anshu_model::instant::Instant;
use anshu_model::leaf::{Action, Leaf, Verdict};
use anshu_model::org::Person;
use anshu_model::{Error, Id, Result};

use super::{key, person};
use crate::db::{Bind, Query, Tx};
use crate::log::note::hex;
use crate::prf::Prf;
use crate::{Data, guard, keys, notice};

/// A session to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The digest of its token.
    pub token: [u8; 32],
    /// The digest of what the browser says of itself, and that in a few words.
    pub device: ([u8; 32], String),
    /// What was proved, in a word: a password, a key.
    pub factor: String,
    /// When it ends whatever happens.
    pub until: Instant,
    /// How many sessions the person has at most; the oldest give way.
    pub most: u32,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Who, with the rights of now: none are kept in the session.
    pub person: Person,
    /// The name that was signed in with.
    pub login: String,
    /// The token that unsafe requests carry.
    pub csrf: String,
    /// When it ends whatever happens.
    pub until: Instant,
    /// The digest of what the browser said of itself.
    pub device: Vec<u8>,
    /// When the person last proved who they are.
    pub confirmed_at: Option<Instant>,
    /// Whether the password was given by somebody else, and serves only to set another one.
    pub password_once: bool,
    /// Whether the person has a second factor.
    pub second_factor: bool,
    /// What was proved when it was opened.
    pub factor: String,
}

/// A line in the list of one's own sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionHead {
    /// What names it; its token cannot be told from it.
    pub id: Id,
    /// The device in a few words.
    pub device: String,
    /// What was proved when it was opened.
    pub factor: String,
    /// When it was opened.
    pub opened_at: Instant,
    /// When it was last used, within some minutes.
    pub seen_at: Instant,
}

/// Which sessions are ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The one of this name.
    One(Id),
    /// All but the one of this token.
    Others([u8; 32]),
}

/// What binds a session to whose it is, with a key beside the database: a row that somebody put there lets nobody in. Unsafe
/// requests carry it too.
pub(crate) struct Bond(Prf);

impl std::fmt::Debug for Bond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bond")
    }
}

impl Bond {
    /// With the centre's key for it.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        Prf::new(keys::load_or_make(folder, "session.key")?.as_slice()).map(Self)
    }

    fn of(
        &self,
        token: &[u8; 32],
        person: &Id,
        device: &[u8],
        (until, confirmed_at): (Instant, Instant),
    ) -> String {
        let times = [until, confirmed_at].map(|at| at.milliseconds().to_be_bytes());
        let parts = [token.as_slice(), person.as_str().as_bytes(), device, times.as_flattened()];
        hex(&self.0.bytes(&parts))
    }
}

impl Data {
    /// Opens a session after what was asked was proved: that is in the log, and wrong passwords before it are forgotten.
    /// The oldest sessions beyond the limit end, and a device that is new to the person is told to them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the person has no open account.
    pub async fn open_session(&self, id: &Id, new: NewSession, now: Instant) -> Result<()> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login",
            "account a JOIN unit u ON u.id = a.unit WHERE a.closed_at IS NULL AND a.person = "
        ));
        let row = tx.row(query.bind(id)).await?.ok_or_else(|| Error::NotFound("账号".into()))?;
        let (login, person) = (row.text(6)?, person(&mut tx, &row).await?);
        drop(tx);
        let leaf = sign_in_leaf(&person, &new.token, &new.factor, now);
        let csrf = self.inner.bond.of(&new.token, &person.id, &new.device.0, (new.until, now));
        let row: Vec<Bind> = vec![
            new.token.into(),
            (&person.id).into(),
            csrf.into(),
            now.into(),
            now.into(),
            new.until.into(),
            new.device.0.into(),
            new.device.1.as_str().into(),
            now.into(),
            new.factor.into(),
        ];
        let (who, device, most) = (person.id.clone(), new.device, new.most.max(1));
        let ended = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                tx.run(Query::new("DELETE FROM session WHERE until <= ").bind(now)).await?;
                tx.run(Query::new("DELETE FROM sign_in_failure WHERE login = ").bind(key(&login)))
                    .await?;
                let ended = make_room(tx, &who, most).await?;
                let into = "INSERT INTO session (token, person, csrf, opened_at, seen_at, until, device, device_words, \
                            confirmed_at, factor)";
                tx.insert(into, 10, vec![row], "").await?;
                meet(tx, &who, device, now).await?;
                Ok(ended)
            })
        });
        let ended = ended.await?;
        if ended > 0 {
            let mut leaf = sign_in_leaf(&person, &new.token, "", now);
            leaf.action = Action::SignOut;
            leaf.note = format!("超过同时在线上限，结束最早的 {ended} 个会话");
            self.inner.writer.leaves(vec![leaf]).await?;
        }
        Ok(())
    }

    /// The session of a token while it lasts: until its end, and no longer than `idle` milliseconds unused. Rights are
    /// those that the account has now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn session(
        &self,
        token: &[u8; 32],
        now: Instant,
        idle: i64,
    ) -> Result<Option<SessionRow>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(persons!(
            "a.login, s.csrf, s.seen_at, s.until, s.device, s.confirmed_at, p.once, \
             (SELECT COUNT(*) FROM factor f WHERE f.person = s.person AND f.ended_at IS NULL AND f.kind <> 'recovery'), s.factor",
            "session s JOIN account a ON a.person = s.person JOIN unit u ON u.id = a.unit \
             LEFT JOIN password_state p ON p.login = a.login WHERE a.closed_at IS NULL AND s.token = "
        ));
        let query = query
            .bind(*token)
            .push(" AND s.until > ")
            .bind(now)
            .push(" AND s.seen_at > ")
            .bind(now.plus(-idle));
        let Some(row) = tx.row(query).await? else { return Ok(None) };
        let person = person(&mut tx, &row).await?;
        drop(tx);
        let (csrf, until, device) = (row.text(7)?, row.instant(9)?, row.bytes(10)?);
        let confirmed_at = row.maybe_int(11)?.map(Instant);
        let bond = confirmed_at.map(|confirmed_at| {
            self.inner.bond.of(token, &person.id, &device, (until, confirmed_at))
        });
        if bond.is_none_or(|bond| bond != csrf) {
            self.end_forged(*token, &person, now).await?;
            return Ok(None);
        }
        // Every request would be a write: that it is in use is noted a few times in the idle span.
        if now.since(row.instant(8)?) > idle / 8 {
            let seen = Query::new("UPDATE session SET seen_at = ")
                .bind(now)
                .push(" WHERE token = ")
                .bind(*token);
            self.inner
                .writer
                .run(None, move |tx| Box::pin(async move { tx.run(seen).await.map(|_| ()) }))
                .await?;
        }
        Ok(Some(SessionRow {
            person,
            login: row.text(6)?,
            csrf,
            until,
            device,
            confirmed_at,
            password_once: row.maybe_int(12)? == Some(1),
            second_factor: row.int(13)? > 0,
            factor: row.text(14)?,
        }))
    }

    /// Ends a session that this centre did not open for this person, or not as it stands there; the log tells of it.
    async fn end_forged(&self, token: [u8; 32], person: &Person, now: Instant) -> Result<()> {
        let mut leaf = sign_in_leaf(person, &token, "会话记录不是本系统写入的，已结束", now);
        (leaf.action, leaf.verdict) = (Action::Fault, Verdict::Denied);
        let end = Query::new("DELETE FROM session WHERE token = ").bind(token);
        self.inner
            .writer
            .run(Some(leaf), move |tx| Box::pin(async move { tx.run(end).await.map(|_| ()) }))
            .await
    }

    /// Puts another token in a session's place after the person proved again who they are: the one before is worth nothing
    /// from then on. Its end stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the session has ended meanwhile.
    pub async fn renew_session(
        &self,
        person: &Person,
        old: [u8; 32],
        new: NewSession,
        now: Instant,
    ) -> Result<()> {
        let leaf = sign_in_leaf(person, &new.token, &format!("再次确认身份：{}", new.factor), now);
        let NewSession { token, device, .. } = new;
        let (id, data) = (person.id.clone(), self.clone());
        let work = self.inner.writer.run(Some(leaf), move |tx| {
            Box::pin(async move {
                let until = Query::new("SELECT until FROM session WHERE token = ").bind(old);
                let until = tx.row(until).await?.map(|row| row.instant(0)).transpose()?;
                let until = until.ok_or_else(|| Error::NotFound("会话".into()))?;
                let csrf = data.inner.bond.of(&token, &id, &device.0, (until, now));
                let renew = Query::new("UPDATE session SET token = ")
                    .bind(token)
                    .push(", csrf = ")
                    .bind(csrf)
                    .push(", device = ")
                    .bind(device.0)
                    .push(", device_words = ")
                    .bind(device.1.as_str())
                    .push(", confirmed_at = ")
                    .bind(now)
                    .push(", seen_at = ")
                    .bind(now)
                    .push(" WHERE token = ")
                    .bind(old);
                if tx.run(renew).await? == 0 {
                    return Err(Error::NotFound("会话".into()));
                }
                meet(tx, &id, device, now).await
            })
        });
        work.await
    }

    /// A person's sessions that last, the one used last first, each with whether it is the one of a token.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the database does not answer.
    pub async fn sessions_of(
        &self,
        person: &Id,
        own: &[u8; 32],
        now: Instant,
        idle: i64,
    ) -> Result<Vec<(SessionHead, bool)>> {
        let mut tx = self.inner.db.read().await?;
        let query = Query::new(
            "SELECT token, device_words, factor, opened_at, seen_at FROM session WHERE person = ",
        );
        let query = query.bind(person).push(" AND until > ").bind(now).push(" AND seen_at > ");
        let query = query.bind(now.plus(-idle)).push(" ORDER BY seen_at DESC");
        let mut heads = Vec::new();
        for row in tx.rows(query).await? {
            let token = row.bytes(0)?;
            let head = SessionHead {
                id: session_id(&token),
                device: row.text(1)?,
                factor: row.text(2)?,
                opened_at: row.instant(3)?,
                seen_at: row.instant(4)?,
            };
            heads.push((head, token == own));
        }
        Ok(heads)
    }

    /// Ends sessions of a person, and answers how many.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be stored.
    pub async fn end_sessions(
        &self,
        context: &OpContext,
        person: &Id,
        which: Ending,
    ) -> Result<u64> {
        let mut leaf = guard::leaf(context, Action::SignOut, Verdict::Allowed);
        leaf.note = match &which {
            Ending::One(id) => format!("本人结束会话 {id}"),
            Ending::Others(_) => "本人结束其他所有会话".into(),
        };
        let person = person.clone();
        let work = self
            .inner
            .writer
            .run(Some(leaf), move |tx| Box::pin(async move { end(tx, &person, &which).await }));
        work.await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where it cannot be stored.
    pub async fn close_session(&self, context: &OpContext, token: &[u8; 32]) -> Result<()> {
        let mut leaf = guard::leaf(context, Action::SignOut, Verdict::Allowed);
        leaf.note = format!("会话 {}", session_id(token));
        let end = Query::new("DELETE FROM session WHERE token = ").bind(*token);
        self.inner
            .writer
            .run(Some(leaf), move |tx| Box::pin(async move { tx.run(end).await.map(|_| ()) }))
            .await
    }
}

/// Ends sessions inside a transaction.
pub(super) async fn end(tx: &mut Tx, person: &Id, which: &Ending) -> Result<u64> {
    let tokens = Query::new("SELECT token FROM session WHERE person = ").bind(person);
    let mut ended = 0;
    for row in tx.rows(tokens).await? {
        let token = row.bytes(0)?;
        let ends = match which {
            Ending::One(id) => session_id(&token) == *id,
            Ending::Others(own) => token != own,
        };
        if ends {
            ended += tx.run(Query::new("DELETE FROM session WHERE token = ").bind(token)).await?;
        }
    }
    Ok(ended)
}

/// Ends the oldest sessions of a person until there is room for one more.
async fn make_room(tx: &mut Tx, person: &Id, most: u32) -> Result<u64> {
    let old = Query::new("SELECT token FROM session WHERE person = ").bind(person);
    let rows = tx.rows(old.push(" ORDER BY opened_at DESC, token")).await?;
    let mut ended = 0;
    for row in rows.iter().skip(most as usize - 1) {
        ended +=
            tx.run(Query::new("DELETE FROM session WHERE token = ").bind(row.bytes(0)?)).await?;
    }
    Ok(ended)
}

/// Remembers a device; where the person has used others but not this one, they are told.
async fn meet(tx: &mut Tx, person: &Id, device: ([u8; 32], String), now: Instant) -> Result<()> {
    let known = Query::new("SELECT device FROM device WHERE person = ").bind(person);
    let known: Vec<_> =
        tx.rows(known).await?.iter().map(|row| row.bytes(0)).collect::<Result<_>>()?;
    if known.iter().any(|known| *known == device.0) {
        return Ok(());
    }
    let row: Vec<Bind> = vec![person.into(), device.0.into(), now.into()];
    tx.insert("INSERT INTO device (person, device, first_at)", 3, vec![row], "").await?;
    if known.is_empty() {
        return Ok(());
    }
    let text = format!(
        "您的账号在一台没有用过的设备上登录：{}。不是本人操作的，请立即结束该会话并修改口令。",
        device.1
    );
    notice::put(tx, std::slice::from_ref(person), notice::Kind::Device, &text, None, now).await
}

/// What the log says of somebody who proved who they are. It names the session; the token cannot be told from that.
fn sign_in_leaf(person: &Person, token: &[u8; 32], factor: &str, now: Instant) -> Leaf {
    let context = OpContext {
        id: session_id(token),
        principal: Principal::Person(Box::new(person.clone())),
        pack: None,
        purpose: Purpose { code: "sign-in".into(), ground: String::new(), serves: None },
        now,
    };
    let mut leaf = guard::leaf(&context, Action::SignIn, Verdict::Allowed);
    (leaf.purpose, leaf.note) = ("sign-in".into(), factor.to_owned());
    leaf
}

fn session_id(token: &[u8]) -> Id {
    Id::derived(&Id::from_text(hex(token)), 0)
}

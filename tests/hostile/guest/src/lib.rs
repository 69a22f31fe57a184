//! A department that attacks its host. What it does is called by its mode; before most attacks it makes a record and
//! publishes an event, so that something would be left if anything could be.

use std::cell::Cell;
use std::collections::HashMap;
use std::hint::black_box;

use serde_json::Value;

wit_bindgen::generate!({ path: "../../../wit/0.1.0", world: "department" });

use anshu::governance::types::{Authority, Basis, EntityKind, Error};
use anshu::governance::{calendar, cases, entities, events, log};
use exports::anshu::governance::plugin::{
    Decision, Explanation, Guest, Input, Migration, Outcome, Reason, Timer, ViewRequest,
};

struct Hostile;
export!(Hostile);

thread_local! { static CALLS: Cell<u32> = const { Cell::new(0) }; }

impl Guest for Hostile {
    fn decide(input: Input) -> Result<Outcome, Error> {
        let action = match input {
            Input::Action(action) => action,
            // Two packs of this component answer each other for ever.
            Input::Event(event) if event.topic == "ping@1" => return tell("pong@1"),
            Input::Event(event) if event.topic == "pong@1" => return tell("ping@1"),
            Input::Event(_) => panic!("an event"),
        };
        let answers: Value = serde_json::from_str(&action.answers).unwrap_or_default();
        let mode = answers["mode"].as_str().unwrap_or_default();
        let id = answers["id"].as_str().unwrap_or_default();
        if !["calm", "ping", "map-order", "guess", "clock", "log-name", "tell-said", "litter", "search"].contains(&mode) {
            make("样例", "hostile.room", "{\"licence\":\"有\",\"beds\":1}")?;
            events::publish("room-registered@1", None, "{\"beds\":1}")?;
        }
        match (mode, answers["told"].as_str()) {
            // What was written into a protected field goes into a name that everybody reads, or back to who wrote it.
            ("copy-told", Some(told)) => make(told, "hostile.room", ROOM),
            ("say-told", Some(told)) => outcome(&format!("收到 {told}"), None),
            _ => attack(mode, id),
        }
    }

    fn due(_: Timer) -> Result<Outcome, Error> {
        panic!("a timer")
    }

    fn view(request: ViewRequest) -> Result<String, Error> {
        match request.name.as_str() {
            "rooms" => panic!("a view"),
            _ => Ok("[".repeat(900_000)),
        }
    }

    fn explain(_: Decision) -> Result<Explanation, Error> {
        panic!("an explanation")
    }

    fn migrate(migration: Migration) -> Result<Outcome, Error> {
        // Half of it is done, or would be.
        let _ = cases::note(&migration.case, "已开始转入");
        panic!("a migration")
    }
}

fn attack(mode: &str, id: &str) -> Result<Outcome, Error> {
    match mode {
        "calm" => {
            let calls = CALLS.get() + 1;
            CALLS.set(calls);
            let nan = black_box(0.0_f64) / black_box(0.0);
            let place = &raw const calls as usize;
            outcome(&format!("{calls} {:x} {place:x}", nan.to_bits()), None)
        }
        "loop" => loop {
            black_box(());
        },
        "wait" => entities::get("stuck").and_then(|_| outcome("等到了", None)),
        "memory" => {
            let mut kept = Vec::new();
            loop {
                kept.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        "recursion" => outcome(&deeper(0).to_string(), None),
        "huge-text" => make(&"x".repeat(3 << 20), "hostile.room", "{}"),
        "long-text" => make(&"样".repeat(4_000), "hostile.room", "{}"),
        "huge-list" => {
            let condition =
                entities::Condition { attribute: "licence".into(), value: "x".repeat(20) };
            let query = entities::Query {
                kind: EntityKind::Place,
                facet: "hostile.room".into(),
                where_: vec![condition; 200_000],
                within: None,
                limit: 1,
                after: None,
            };
            entities::find(&query).and_then(|_| outcome("找到了", None))
        }
        "chatty" => loop {
            black_box(calendar::now());
        },
        "storm" => loop {
            events::publish("room-registered@1", None, "{\"beds\":1}")?;
        },
        "hoard" => loop {
            make("样例", "hostile.room", "{\"licence\":\"有\",\"beds\":1}")?;
        },
        "flood" => {
            for line in 0..1_000 {
                log::write(log::Level::Info, &format!("{line} {}", "x".repeat(2_000)));
            }
            outcome("写了很多", None)
        }
        "utf8" => {
            // The host must not trust it; Rust would.
            let text = unsafe { String::from_utf8_unchecked(vec![0xff, 0xfe]) };
            make(&text, "hostile.room", "{}")
        }
        "wild-variant" => {
            // Rust has four kinds; the boundary gets the hundredth.
            let kind = unsafe { std::mem::transmute::<u8, EntityKind>(black_box(99)) };
            entities::lookup(black_box(kind), &entities::Identifier {
                scheme: "licence".into(),
                value: "1".into(),
            })
            .and_then(|_| outcome("查到了", None))
        }
        "wild-pointer" => {
            let wild = unsafe { std::slice::from_raw_parts(black_box(8 as *const u8), 0x7fff_0000) };
            log::write(log::Level::Info, unsafe { std::str::from_utf8_unchecked(wild) });
            outcome("写了很多", None)
        }
        "deep-json" => make("样例", "hostile.room", &"[".repeat(100_000)),
        "wakes" => {
            for key in 0.. {
                calendar::wake(0, &format!("键{key}"), "{}")?;
            }
            outcome("设了很多", None)
        }
        "ping" => tell("ping@1"),
        "open" => open("样例来访", vec![], vec![]),
        "map-order" => {
            let map: HashMap<String, u32> = (0..32).map(|at| (format!("第{at}间"), at)).collect();
            for name in map.keys() {
                make(name, "hostile.room", "{\"licence\":\"有\",\"beds\":1}")?;
            }
            outcome("按散列表的次序登记", None)
        }
        "forged-clock" => calendar::stop(id).and_then(|()| outcome("停了", None)),
        "others-case" => cases::note(id, "代为记录").and_then(|()| outcome("记了", None)),
        "others-facet" => {
            let facet = entities::Facet { name: "probe.room".into(), data: "{}".into() };
            entities::set_facet(id, &facet).and_then(|()| outcome("改了", None))
        }
        "huge-outcome" => outcome(&"x".repeat(3 << 20), None),
        "many-reasons" => {
            let mut made = outcome("很多理由", None)?;
            made.reasons = vec![made.reasons.remove(0); 5_000];
            Ok(made)
        }
        "panic" => panic!("on purpose"),
        "copy-name" | "tell-said" => make(&entities::get(id)?.name, "hostile.room", ROOM),
        "copy-part" => {
            let name = format!("{}家的房子", entities::get(id)?.name);
            make(&name, "hostile.room", ROOM)
        }
        "copy-number" => {
            let number = entities::get(id)?.identifiers.remove(0).value;
            make("样例", "hostile.room", &format!("{{\"licence\":\"{number}\",\"beds\":1}}"))
        }
        "copy-title" => {
            let title = entities::get(id)?.name;
            open(&title, vec![], vec![])
        }
        "copy-role" => {
            let party = cases::Party { entity: id.into(), role: entities::get(id)?.name };
            open("样例来访", vec![party], vec![])
        }
        "copy-joint" => {
            let article = entities::get(id)?.name;
            let joint =
                cases::JointDuty { function: "mediation".into(), title: "协助".into(), article };
            open("样例来访", vec![], vec![joint])
        }
        "copy-limit" => {
            let name = entities::get(id)?.name;
            let case = open("样例来访", vec![], vec![])?.subject.unwrap_or_default();
            let basis = Basis { article: "样例条例 第2条".into(), authority: Authority::Policy };
            let unit = calendar::Unit::WorkingDay;
            calendar::start(&case, &calendar::Limit { name, amount: 5, unit, basis }, calendar::now())?;
            outcome("计时", None)
        }
        "copy-key" => calendar::wake(calendar::now() + 86_400_000, &entities::get(id)?.name, "{}")
            .and_then(|()| outcome("设了", None)),
        // It would come back as what the pack was given.
        "copy-payload" => {
            let payload = format!("{{\"who\":[\"{}\"]}}", entities::get(id)?.name);
            calendar::wake(calendar::now() + 86_400_000, "复查", &payload)
                .and_then(|()| outcome("设了", None))
        }
        "log-name" => {
            let name = entities::get(id)?.name;
            log::write(log::Level::Info, &format!("看到了 {name}"));
            outcome("写了日志", None)
        }
        "say-name" => outcome(&format!("就是 {}", entities::get(id)?.name), None),
        "refuse-with-name" => Err(Error::Denied(format!("{} 不行", entities::get(id)?.name))),
        "panic-with-name" => panic!("{}", entities::get(id)?.name),
        "litter" => {
            let filled = black_box(vec![CANARY ^ 0xff; 8 << 20]);
            let filled: Vec<u8> = black_box(filled.into_iter().map(|byte| byte ^ 0xff).collect());
            outcome(&format!("留下 {} 字节", filled.len()), None)
        }
        "search" => {
            let room = black_box(vec![0_u8; 16 << 20]);
            let end = core::arch::wasm32::memory_size(0) << 16;
            // Whatever is in memory beside what this call put there.
            let run = (8..end).scan(0_u32, |run, at| {
                let byte = unsafe { std::ptr::read_volatile(black_box(at as *const u8)) };
                *run = if byte == CANARY { *run + 1 } else { 0 };
                Some(*run)
            });
            let longest = run.max().unwrap_or_default();
            outcome(&format!("{} 字节中最长的一串 {longest}", room.len()), None)
        }
        "publish-about" => events::publish("room-registered@1", Some(id), ROOM_BEDS)
            .and_then(|()| outcome("发布了", None)),
        "guess" => {
            let near = (0_u32..400).map(|at| at.to_string());
            let like = (0_u128..400).map(|at| format!("{at:032x}"));
            let found = near.chain(like).filter(|id| entities::get(id).is_ok()).count();
            outcome(&format!("猜中 {found} 个"), None)
        }
        "clock" => {
            let before = calendar::now();
            black_box((0..20_000_000_u64).fold(0, |sum, at| black_box(sum ^ at)));
            outcome(&format!("过了 {} 毫秒", calendar::now() - before), None)
        }
        "other-facet" => make("样例", "probe.room", "{\"licence\":\"有\",\"beds\":1}"),
        "other-topic" => {
            events::publish("not-mine@1", None, "{}").and_then(|()| outcome("发布了", None))
        }
        "forged-id" => {
            let facet = entities::Facet { name: "hostile.room".into(), data: "{}".into() };
            entities::set_facet("unit-county", &facet).and_then(|()| outcome("改了", None))
        }
        "forged-subject" => outcome("指向别处", Some("nobody".into())),
        "big-json" => make("样例", "hostile.room", &format!("\"{}\"", "x".repeat(300_000))),
        "big-outcome" => outcome(&"x".repeat(900_000), None),
        other => Err(Error::NotFound(other.into())),
    }
}

/// What no instance leaves for the next.
const CANARY: u8 = 0xa7;
const ROOM_BEDS: &str = "{\"beds\":1}";
const ROOM: &str = "{\"licence\":\"有\",\"beds\":1}";

fn open(
    title: &str,
    parties: Vec<cases::Party>,
    joint: Vec<cases::JointDuty>,
) -> Result<Outcome, Error> {
    let case = cases::open(&cases::NewCase {
        matter: "hostile.matter".into(),
        title: title.into(),
        division: "500103001000".into(),
        occurred_at: calendar::now(),
        function: "fire".into(),
        parties,
        answers: vec![],
        joint,
    })?;
    outcome("已立案", Some(case))
}

fn tell(topic: &str) -> Result<Outcome, Error> {
    events::publish(topic, None, "{\"beds\":1}").and_then(|()| outcome("转告", None))
}

/// Loops for ever: what the tests make a module do at its start.
#[unsafe(no_mangle)]
pub extern "C" fn spin() {
    loop {
        black_box(());
    }
}

/// Loops for ever after the answer was given.
#[unsafe(no_mangle)]
pub extern "C" fn spin_after(_: *mut u8) {
    spin();
}

/// Calls the host while the host hands something over.
#[unsafe(no_mangle)]
pub extern "C" fn reentering_realloc(_: *mut u8, _: usize, _: usize, size: usize) -> *mut u8 {
    black_box(calendar::now());
    Box::leak(vec![0_u8; size].into_boxed_slice()).as_mut_ptr()
}

/// Hands out memory that there is not.
#[unsafe(no_mangle)]
pub extern "C" fn wild_realloc(_: *mut u8, _: usize, _: usize, _: usize) -> *mut u8 {
    black_box(0xffff_ff00_usize) as *mut u8
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "that is the attack")]
fn deeper(depth: u64) -> u64 {
    let here = black_box(depth);
    deeper(here + 1).wrapping_mul(3) ^ black_box(here)
}

fn make(name: &str, facet: &str, data: &str) -> Result<Outcome, Error> {
    let id = entities::create(&entities::NewEntity {
        kind: EntityKind::Place,
        name: name.into(),
        division: "500103001000".into(),
        identifiers: vec![],
        facets: vec![entities::Facet { name: facet.into(), data: data.into() }],
    })?;
    outcome("新建了", Some(id))
}

fn outcome(summary: &str, subject: Option<String>) -> Result<Outcome, Error> {
    let basis = Basis { article: "样例条例 第2条".into(), authority: Authority::Policy };
    let reasons = vec![Reason { text: "按规定".into(), basis }];
    Ok(Outcome { summary: summary.into(), subject, reasons })
}

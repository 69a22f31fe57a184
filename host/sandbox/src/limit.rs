//! The limits of a call, and what is said when one is broken: which pack, what it did, what to do.

use anshu_model::Error;
use anshu_model::context::PackRef;

use crate::error::HostFailed;

/// A limit that a guest broke. It ends the call as a trap with this reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Limit {
    Memory { wanted: usize, most: usize },
    Tables { wanted: usize, most: usize },
    HostCalls { most: u64 },
    Answered { most: usize },
    Effects { most: usize },
    Events { most: usize },
    Computing { milliseconds: u128 },
    Waiting { milliseconds: u128, on: &'static str },
    Result { what: &'static str, found: usize, most: usize },
}

impl std::error::Error for Limit {}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory { wanted, most } => write!(
                f,
                "全部线性内存合计申请 {}，上限 {}；请分批处理，或检查是否有无限增长的集合",
                bytes(*wanted),
                bytes(*most)
            ),
            Self::Tables { wanted, most } => {
                write!(f, "函数表合计申请 {wanted} 项，上限 {most} 项；请减少动态注册的函数")
            }
            Self::HostCalls { most } => {
                write!(f, "一次调用中访问宿主接口超过 {most} 次；请用批量查询代替逐条读取")
            }
            Self::Answered { most } => {
                write!(f, "一次调用中从宿主读取的数据合计超过 {}；请缩小查询范围", bytes(*most))
            }
            Self::Effects { most } => write!(f, "一次调用产生的变更超过 {most} 项；请拆成多次办理"),
            Self::Events { most } => write!(f, "一次调用发布的事件超过 {most} 个；请合并事件"),
            Self::Computing { milliseconds } => {
                write!(f, "运算超过 {milliseconds} 毫秒仍未结束，已被中止；请检查是否有死循环")
            }
            Self::Waiting { milliseconds, on } => {
                write!(
                    f,
                    "超过 {milliseconds} 毫秒仍未结束，中止时正在等待宿主接口 {on}；请减少读取，或由运维检查存储是否变慢"
                )
            }
            Self::Result { what, found, most } => {
                write!(f, "{what}有 {}，上限 {}；请减少返回的内容", bytes(*found), bytes(*most))
            }
        }
    }
}

fn bytes(count: usize) -> String {
    match count {
        count if count >= 10 << 20 => format!("{} MiB", count >> 20),
        count if count >= 10 << 10 => format!("{} KiB", count >> 10),
        count => format!("{count} 字节"),
    }
}

/// What the caller is told when a guest trapped. Faults name pack, version, export, and what to do; a failure of the
/// host's own is passed on as it is, and is nobody's fault but the host's.
pub(crate) fn fault(
    pack: &PackRef,
    export: &str,
    result_bytes: usize,
    error: &wasmtime::Error,
) -> Error {
    if let Some(HostFailed(own)) = error.downcast_ref::<HostFailed>() {
        return own.clone();
    }
    let reason = match (error.downcast_ref::<Limit>(), error.downcast_ref::<wasmtime::Trap>()) {
        (Some(limit), _) => limit.to_string(),
        (None, Some(trap)) => trap_reason(*trap),
        (None, None) => other_reason(error, result_bytes),
    };
    Error::Fault(format!(
        "插件 {} {} 在 {export} 中：{reason}。本次调用没有留下任何变更。",
        pack.name, pack.version
    ))
}

fn trap_reason(trap: wasmtime::Trap) -> String {
    use wasmtime::Trap;
    match trap {
        Trap::StackOverflow => "调用栈耗尽；请检查是否有无限递归".into(),
        Trap::UnreachableCodeReached => "主动中止（panic 或断言失败）；请查看插件日志并修正".into(),
        Trap::MemoryOutOfBounds => "越界访问内存；请修正插件".into(),
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature => {
            "间接调用了不存在或类型不符的函数；请修正插件".into()
        }
        Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
            "整数运算出错（溢出、除以零或转换失败）；请修正插件".into()
        }
        Trap::CannotEnterComponent | Trap::CannotLeaveComponent => {
            "违反组件调用规则；请修正插件".into()
        }
        other => format!("陷入（{other}）；请修正插件"),
    }
}

fn other_reason(error: &wasmtime::Error, result_bytes: usize) -> String {
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls") {
        return format!("一次传给宿主的数据超过 {}；请分批传递", bytes(result_bytes));
    }
    if text.contains("utf-8") || text.contains("UTF-8") {
        return "传给宿主的文本不是有效的 UTF-8；请修正插件".into();
    }
    format!("违反合约（{text}）；请用受支持的工具重新构建插件")
}

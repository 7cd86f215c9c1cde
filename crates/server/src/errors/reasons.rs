//! The reasons, each with its code and its sentence in two languages.
//!
//! In: nothing. Out: [`Reason`]. The names are those of `concentric.v1.ErrorReason`, and a
//! test holds the two together.

use tonic::Code;

macro_rules! reasons {
    ($($name:ident $word:literal $code:ident $english:literal $chinese:literal;)*) => {
        /// Why a call failed; see `concentric.v1.ErrorReason`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the sentence of each stands beside it")]
        pub enum Reason {
            $($name,)*
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Reason] = &[$(Reason::$name,)*];

            /// The name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Reason::$name => $word,)* }
            }

            /// The reason of a name.
            pub fn from_word(word: &str) -> Option<Reason> {
                match word { $($word => Some(Reason::$name),)* _ => None }
            }

            /// The code of gRPC.
            pub fn code(self) -> Code {
                match self { $(Reason::$name => Code::$code,)* }
            }

            /// One sentence in English.
            pub fn english(self) -> &'static str {
                match self { $(Reason::$name => $english,)* }
            }

            /// The same in Chinese.
            pub fn chinese(self) -> &'static str {
                match self { $(Reason::$name => $chinese,)* }
            }
        }
    };
}

reasons! {
    FieldInvalid "FIELD_INVALID" InvalidArgument
        "a field has a value that does not fit" "字段的值不合要求";
    FieldRequired "FIELD_REQUIRED" InvalidArgument
        "a required field is missing" "缺少必填字段";
    ValueOutOfRange "VALUE_OUT_OF_RANGE" InvalidArgument
        "a number is outside its range" "数值超出允许范围";
    IdMalformed "ID_MALFORMED" InvalidArgument
        "an id is malformed" "标识符格式不正确";
    DuplicateId "DUPLICATE_ID" InvalidArgument
        "two records carry the same id" "标识符重复";
    UnknownReference "UNKNOWN_REFERENCE" InvalidArgument
        "an id refers to nothing" "引用的标识符不存在";
    TreeCycle "TREE_CYCLE" InvalidArgument
        "a record is its own ancestor" "层级关系出现循环";
    ContradictoryPolicy "CONTRADICTORY_POLICY" InvalidArgument
        "two rules cannot both hold" "规则相互矛盾";
    UnknownEnum "UNKNOWN_ENUM" InvalidArgument
        "a word is none of the listed ones" "取值不在允许的列表中";
    UnsupportedSchemaVersion "UNSUPPORTED_SCHEMA_VERSION" InvalidArgument
        "the format is of another version" "不支持该格式版本";
    NumericOverflow "NUMERIC_OVERFLOW" InvalidArgument
        "a sum would leave the integer range" "合计超出整数范围";
    FileMalformed "FILE_MALFORMED" InvalidArgument
        "the bytes are not what they should be" "文件内容无法识别";
    PageTokenInvalid "PAGE_TOKEN_INVALID" InvalidArgument
        "the page token is not of this listing, or too old" "分页标记无效或已过期";
    EtagRequired "ETAG_REQUIRED" InvalidArgument
        "the change needs the etag of what it changes" "修改时必须提供 etag";
    RequestIdReused "REQUEST_ID_REUSED" InvalidArgument
        "the request id came earlier with another content" "该请求标识已用于其他内容";
    TooManyItems "TOO_MANY_ITEMS" InvalidArgument
        "more records than this server takes" "记录数量超过服务器上限";
    MessageTooLarge "MESSAGE_TOO_LARGE" InvalidArgument
        "the message is larger than this server takes; use an upload"
        "消息超过大小上限，请改用分块上传";
    DeltaResultNegative "DELTA_RESULT_NEGATIVE" OutOfRange
        "a scenario step would push a value below zero" "情景调整使数值小于零";
    JobNotCancellable "JOB_NOT_CANCELLABLE" FailedPrecondition
        "the job has ended" "任务已结束，无法取消";
    PlanStale "PLAN_STALE" FailedPrecondition
        "the plan cannot change to that state" "方案当前状态不允许此操作";
    EtagMismatch "ETAG_MISMATCH" Aborted
        "the resource changed since its etag was read" "资源已被他人修改，请重新读取";
    ResourceNotFound "RESOURCE_NOT_FOUND" NotFound
        "there is no such resource" "资源不存在";
    ResourceExists "RESOURCE_EXISTS" AlreadyExists
        "the id is taken" "资源已存在";
    AccessDenied "ACCESS_DENIED" PermissionDenied
        "you may not do this" "没有权限";
    TokenMissing "TOKEN_MISSING" Unauthenticated
        "a bearer token is needed" "缺少访问令牌";
    TokenInvalid "TOKEN_INVALID" Unauthenticated
        "the bearer token is not accepted" "访问令牌无效";
    TokenExpired "TOKEN_EXPIRED" Unauthenticated
        "the bearer token is past its time" "访问令牌已过期";
    TenantRate "TENANT_RATE" ResourceExhausted
        "too many calls in a second" "调用过于频繁";
    TenantJobs "TENANT_JOBS" ResourceExhausted
        "too many unfinished jobs" "未完成的任务过多";
    StorageFull "STORAGE_FULL" ResourceExhausted
        "the store has no room left" "存储空间不足";
    Overloaded "OVERLOADED" Unavailable
        "all solvers are busy; try again" "服务器繁忙，请稍后重试";
    Draining "DRAINING" Unavailable
        "the server is shutting down; try again" "服务器正在停机，请稍后重试";
    StoreUnavailable "STORE_UNAVAILABLE" Unavailable
        "the store does not answer; try again" "存储暂时不可用，请稍后重试";
    CallDeadline "CALL_DEADLINE" DeadlineExceeded
        "the deadline of the call passed" "调用已超时";
    SolverTimeout "SOLVER_TIMEOUT" DeadlineExceeded
        "the deadline passed before any plan was found; use a job"
        "在期限内未找到方案，请改用任务方式";
    ClientCancelled "CLIENT_CANCELLED" Cancelled
        "the call was cancelled" "调用已被取消";
    PlanFailedVerification "PLAN_FAILED_VERIFICATION" Internal
        "a plan failed its own certificate; this is a defect of ours"
        "方案未通过自身校验，这是程序缺陷";
    HandlerPanic "HANDLER_PANIC" Internal
        "a defect of ours; please report the incident" "程序内部错误，请报告事件编号";
    SolverCrashed "SOLVER_CRASHED" Internal
        "the solver died on this ledger" "求解器在该台账上崩溃";
    ChecksumMismatch "CHECKSUM_MISMATCH" DataLoss
        "stored bytes do not have their checksum" "存储数据校验失败";
    MethodUnknown "METHOD_UNKNOWN" Unimplemented
        "there is no such method" "没有该方法";
    FeatureDisabled "FEATURE_DISABLED" Unimplemented
        "this build cannot do that" "此版本不支持该功能";
    SolverMemory "SOLVER_MEMORY" ResourceExhausted
        "the solver ran out of memory before any plan was found" "求解器内存不足，未找到方案";
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use concentric_proto::v1::ErrorReason;

    #[test]
    fn the_wire_promises_exactly_these_reasons() {
        let here: Vec<String> =
            Reason::ALL.iter().map(|r| format!("ERROR_REASON_{}", r.as_str())).collect();
        let promised: Vec<&str> = (1..)
            .map_while(|number| ErrorReason::try_from(number).ok())
            .map(|reason| reason.as_str_name())
            .collect();
        assert_eq!(here, promised);
    }

    #[test]
    fn every_code_of_the_engine_is_a_reason() {
        use concentric_matcher::Code::*;
        let codes = [
            FileMalformed,
            UnsupportedSchemaVersion,
            FieldRequired,
            FieldInvalid,
            UnknownEnum,
            ValueOutOfRange,
            IdMalformed,
            DuplicateId,
            UnknownReference,
            TreeCycle,
            ContradictoryPolicy,
            TooManyItems,
            NumericOverflow,
            DeltaResultNegative,
        ];
        for code in codes {
            assert!(Reason::from_word(code.as_str()).is_some(), "{code}");
        }
    }
}

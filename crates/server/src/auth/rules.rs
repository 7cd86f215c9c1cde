//! Which role each method asks for.
//!
//! In: the path of a call. Out: the least role; none: nobody may. A test fails when a method
//! of the schema has no row.

use super::Role;

/// Least role of each method.
pub const RULES: &[(&str, Role)] = &[
    ("/concentric.v1.MatchService/Match", Role::Planner),
    ("/concentric.v1.MatchService/StreamMatch", Role::Planner),
    ("/concentric.v1.MatchService/Validate", Role::Viewer),
    ("/concentric.v1.MatchService/VerifyPlan", Role::Viewer),
    ("/concentric.v1.LedgerService/CreateLedger", Role::Planner),
    ("/concentric.v1.LedgerService/GetLedger", Role::Viewer),
    ("/concentric.v1.LedgerService/ListLedgers", Role::Viewer),
    ("/concentric.v1.LedgerService/UpdateLedger", Role::Planner),
    ("/concentric.v1.LedgerService/DeleteLedger", Role::Admin),
    ("/concentric.v1.LedgerService/ListLedgerVersions", Role::Viewer),
    ("/concentric.v1.LedgerService/UploadLedger", Role::Planner),
    ("/concentric.v1.JobService/CreateMatchJob", Role::Planner),
    ("/concentric.v1.JobService/GetJob", Role::Viewer),
    ("/concentric.v1.JobService/ListJobs", Role::Viewer),
    ("/concentric.v1.JobService/CancelJob", Role::Planner),
    ("/concentric.v1.JobService/WaitJob", Role::Viewer),
    ("/concentric.v1.JobService/WatchJob", Role::Viewer),
    ("/concentric.v1.PlanService/GetPlan", Role::Viewer),
    ("/concentric.v1.PlanService/ListPlans", Role::Viewer),
    ("/concentric.v1.PlanService/PublishPlan", Role::Admin),
    ("/concentric.v1.PlanService/WithdrawPlan", Role::Admin),
    ("/concentric.v1.PlanService/DiffPlans", Role::Viewer),
    ("/concentric.v1.PlanService/ExportPlan", Role::Viewer),
];

/// Least role of the method at a path. Reflection is for everyone who is known.
pub fn required(path: &str) -> Option<Role> {
    if path.starts_with("/grpc.reflection.") {
        return Some(Role::Viewer);
    }
    RULES.iter().find(|(method, _)| *method == path).map(|(_, role)| *role)
}

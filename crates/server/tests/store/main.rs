//! The store by its contract: the same cases on SQLite and on PostgreSQL.
//!
//! A case is an async function that takes a [`Site`]: an empty database of its own, which may
//! be opened any number of times, as any number of processes would. PostgreSQL is started
//! once for all of them; where it is not installed its half says so on one line and passes.
#![allow(clippy::unwrap_used)]

mod jobs;
mod ledgers;
mod opening;
mod plans;
mod postgres;
mod queue;
mod support;

use support::Site;

macro_rules! suite {
    ($($module:ident { $($case:ident),* $(,)? })*) => {
        mod on_sqlite {
            use super::*;
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $module::$case(Site::sqlite()).await;
                }
            )*)*
        }
        mod on_postgres {
            use super::*;
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    if let Some(site) = Site::postgres(stringify!($case)).await {
                        $module::$case(site).await;
                    }
                }
            )*)*
        }
    };
}

suite! {
    ledgers {
        versions_never_change_and_etags_follow_them,
        an_id_is_taken_once,
        a_request_id_replays_and_never_means_two_things,
        a_dry_run_leaves_nothing,
        a_ledger_goes_with_its_versions_and_only_its_bytes,
        ledgers_come_in_pages,
        tenants_see_nothing_of_each_other,
        bytes_survive_those_who_forget_them_at_the_same_time,
    }
    jobs {
        the_same_request_many_times_at_once_makes_one_job,
        a_tenant_has_so_many_unfinished_jobs_and_no_more,
        many_at_the_same_instant_get_no_more_than_the_tenant_may_have,
        a_job_in_the_queue_is_cancelled_at_once,
        a_running_job_hears_of_its_cancellation_and_keeps_its_plan,
        an_ended_job_stays_as_it_ended,
        events_have_no_gaps_and_go_on_where_one_left,
        jobs_come_in_pages,
    }
    queue {
        two_runners_never_get_the_same_job,
        the_tenant_with_the_fewest_running_jobs_is_next,
        tenants_take_turns_where_one_job_runs_at_a_time,
        a_lost_lease_is_taken_over_and_the_old_holder_refused,
        a_job_that_kills_its_workers_fails_in_the_end,
        a_cancelled_job_of_a_dead_worker_ends_as_cancelled,
        a_job_given_back_has_lost_nothing,
        a_beat_keeps_the_lease,
        nothing_runs_on_broken_bytes,
        sweeping_takes_old_things_only,
    }
    plans {
        a_plan_is_published_and_withdrawn,
        a_plan_of_an_old_version_is_not_published,
        plans_come_in_pages,
    }
    opening {
        many_may_open_an_empty_store_at_once,
        what_was_written_is_there_after_reopening,
    }
}

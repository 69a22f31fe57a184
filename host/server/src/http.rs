//! Every route of the server, on one page, with the layers that all of them share.

pub mod accounts;
pub mod actions;
pub mod audit;
pub mod budgets;
pub mod cases;
pub mod catalogue;
pub mod compliance;
pub mod decisions;
pub mod divisions;
pub mod duties;
pub mod emergency;
pub mod entities;
pub mod exports;
pub mod figures;
pub mod guard;
pub mod health;
pub mod interface;
pub mod log;
pub mod oidc;
pub mod openings;
pub mod packs;
pub mod persons;
pub mod policies;
pub mod problem;
pub mod records;
pub mod risks;
pub mod sealing;
pub mod security;
pub mod session;
pub mod share;
pub mod trials;
pub mod upgrades;
pub mod vault;
pub mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::console;

/// The document's head.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Anshu",
        version = "0.1.0",
        description = "The API of one centre. Answers that are no success are problem+json with the next step in Chinese."
    ),
    components(schemas(problem::Problem, problem::ProblemItem))
)]
struct Head;

/// Bytes of a request that brings a component, in Base64. The sandbox refuses components of more than 64 MiB.
const PACK_BODY: usize = 96 << 20;

/// The API's routes. Nobody but who signs in and the health probes passes without a session: the handlers ask for one.
fn api() -> OpenApiRouter<App> {
    let routes = OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::show, session::sign_out))
        .routes(routes!(security::ways))
        .routes(routes!(security::begin_second))
        .routes(routes!(security::sign_in))
        .routes(routes!(security::begin_confirm))
        .routes(routes!(security::confirm))
        .routes(routes!(security::show))
        .routes(routes!(security::password))
        .routes(routes!(security::offer_totp))
        .routes(routes!(security::add_totp))
        .routes(routes!(security::offer_passkey))
        .routes(routes!(security::add_passkey))
        .routes(routes!(security::renew_recovery))
        .routes(routes!(security::remove_factor))
        .routes(routes!(security::end_session))
        .routes(routes!(security::end_others))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::come_back))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::changes, accounts::propose))
        .routes(routes!(accounts::agree))
        .routes(routes!(accounts::refuse))
        .routes(routes!(accounts::withdraw))
        .routes(routes!(emergency::show, emergency::begin, emergency::end))
        .routes(routes!(emergency::list))
        .routes(routes!(emergency::review))
        .routes(routes!(emergency::notices))
        .routes(routes!(emergency::read))
        .routes(routes!(interface::show))
        .routes(routes!(cases::list))
        .routes(routes!(cases::show))
        .routes(routes!(cases::advance))
        .routes(routes!(cases::note))
        .routes(routes!(cases::reply))
        .routes(routes!(risks::list))
        .routes(routes!(risks::show))
        .routes(routes!(risks::assess))
        .routes(routes!(risks::advance))
        .routes(routes!(entities::list))
        .routes(routes!(entities::show))
        .routes(routes!(duties::list))
        .routes(routes!(duties::complete))
        .routes(routes!(actions::act))
        .routes(routes!(actions::prefill))
        .routes(routes!(decisions::show))
        .routes(routes!(decisions::replay))
        .routes(routes!(audit::list))
        .routes(routes!(audit::status))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::entry))
        .routes(routes!(audit::proof))
        .routes(routes!(audit::see_policies))
        .routes(routes!(audit::outline, audit::dossier))
        .merge(packs_in())
        .routes(routes!(packs::show))
        .routes(routes!(packs::roll_back))
        .routes(routes!(packs::approve))
        .routes(routes!(packs::refuse))
        .routes(routes!(packs::activate))
        .routes(routes!(packs::cancel))
        .routes(routes!(packs::withdraw))
        .routes(routes!(packs::remove))
        .routes(routes!(packs::release))
        .routes(routes!(upgrades::list, upgrades::plan))
        .routes(routes!(upgrades::unconfirmed))
        .routes(routes!(upgrades::confirm))
        .routes(routes!(upgrades::show))
        .routes(routes!(upgrades::items))
        .routes(routes!(upgrades::approve))
        .routes(routes!(upgrades::apply))
        .routes(routes!(upgrades::undo))
        .routes(routes!(vault::status))
        .routes(routes!(vault::rotate))
        .routes(routes!(vault::reindex))
        .routes(routes!(vault::list, vault::ask))
        .routes(routes!(vault::outlook))
        .routes(routes!(vault::answer))
        .routes(routes!(vault::lift))
        .routes(routes!(vault::receipt))
        .routes(routes!(vault::holds, vault::hold))
        .routes(routes!(vault::release))
        .routes(routes!(vault::retention))
        .routes(routes!(trials::list, trials::begin))
        .routes(routes!(trials::show, trials::cancel))
        .routes(routes!(trials::agree))
        .routes(routes!(trials::start_shadow))
        .routes(routes!(trials::show_shadow, trials::stop_shadow))
        .routes(routes!(sealing::list, sealing::ask))
        .routes(routes!(sealing::answer))
        .routes(routes!(sealing::withdraw))
        .routes(routes!(sealing::settle))
        .routes(routes!(sealing::matter))
        .routes(routes!(sealing::informants))
        .routes(routes!(catalogue::show))
        .routes(routes!(catalogue::ask))
        .routes(routes!(catalogue::answer))
        .routes(routes!(catalogue::withdraw))
        .routes(routes!(openings::list, openings::state))
        .routes(routes!(openings::approve))
        .routes(routes!(openings::refuse))
        .routes(routes!(openings::withdraw))
        .routes(routes!(policies::show, policies::propose))
        .routes(routes!(policies::approve))
        .routes(routes!(policies::refuse))
        .routes(routes!(policies::detail))
        .routes(routes!(policies::check))
        .routes(routes!(policies::resets))
        .routes(routes!(policies::see_reset))
        .routes(routes!(share::items, share::publish))
        .routes(routes!(share::list, share::ask))
        .routes(routes!(share::receive))
        .routes(routes!(share::show))
        .routes(routes!(share::revise))
        .routes(routes!(share::step))
        .routes(routes!(share::accept))
        .routes(routes!(share::rows))
        .routes(routes!(share::file))
        .routes(routes!(figures::show))
        .routes(routes!(figures::cubes))
        .routes(routes!(figures::cube))
        .routes(routes!(exports::list, exports::ask))
        .routes(routes!(exports::columns))
        .routes(routes!(exports::rehearse))
        .routes(routes!(exports::show))
        .routes(routes!(exports::decide))
        .routes(routes!(exports::take))
        .routes(routes!(budgets::list))
        .routes(routes!(views::list))
        .routes(routes!(views::show))
        .routes(routes!(records::show))
        .routes(routes!(divisions::list))
        .routes(routes!(persons::accesses))
        .routes(routes!(persons::proof))
        .routes(routes!(persons::own_data))
        .routes(routes!(persons::own_requests, persons::file_own))
        .routes(routes!(persons::own_step))
        .routes(routes!(persons::own_receipt))
        .routes(routes!(persons::guardians::wards))
        .routes(routes!(persons::guardians::list, persons::guardians::link))
        .routes(routes!(persons::guardians::end))
        .routes(routes!(persons::guardians::withheld))
        .routes(routes!(persons::guardians::release, persons::guardians::withhold))
        .routes(routes!(persons::requests, persons::file_at_window))
        .routes(routes!(persons::request_erasure))
        .routes(routes!(persons::request_step))
        .routes(routes!(persons::request_data))
        .routes(routes!(persons::links, persons::link))
        .routes(routes!(persons::unlink))
        .routes(routes!(persons::deferrals, persons::ask_deferral))
        .routes(routes!(persons::decide_deferral))
        .routes(routes!(persons::end_deferral))
        .routes(routes!(compliance::show))
        .routes(routes!(compliance::assess))
        .routes(routes!(compliance::process))
        .routes(routes!(compliance::audit))
        .routes(routes!(compliance::register))
        .routes(routes!(compliance::step))
        .routes(routes!(compliance::yearly))
        .routes(routes!(log::checkpoint))
        .routes(routes!(log::tile));
    OpenApiRouter::with_openapi(Head::openapi()).nest("/api/v1", routes)
}

/// Storing a pack takes a whole component: its route has a limit of its own.
fn packs_in() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(packs::list, packs::stage))
        .layer(DefaultBodyLimit::max(PACK_BODY))
}

/// The OpenAPI document, from the code.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = api().into_openapi();
    problem::declare(&mut document);
    // A path that takes the rest of the address is the router's notion; the document knows parameters alone.
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths =
        paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    document
}

/// The document as the repository keeps it.
///
/// # Errors
/// Never in practice: the document is plain data.
pub fn document_text() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// The whole server.
pub fn router(app: App) -> Router {
    let (api, _) = api().split_for_parts();
    let request = app.settings.request;
    let body = app.settings.body;
    let api = api
        .route("/api/v1/openapi.json", get(health::openapi))
        .route("/api/{*rest}", axum::routing::any(health::no_route))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    api.fallback(console::serve)
        .with_state(app.clone())
        .layer(DefaultBodyLimit::max(body))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, request))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn(guard::headers))
        .layer(from_fn_with_state(app, guard::observe))
}

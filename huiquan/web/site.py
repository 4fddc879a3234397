"""The web door put together: every route, its errors, its API description.  网站

Litestar carries everything except the few addresses of the ten o'clock rush, which `rush.py`
answers in front of it.
"""

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import ScalarRenderPlugin, SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from huiquan.app import App
from huiquan.web.acquirer.callers import read_partner
from huiquan.web.answers import EXCEPTION_HANDLERS, REFUSALS
from huiquan.web.bodies import StrictRequest
from huiquan.web.callers import CALLERS
from huiquan.web.campaign_cache import CampaignCache, campaigns_kept_fresh
from huiquan.web.day_pages import DayPages
from huiquan.web.limits import Limits
from huiquan.web.logs import web_log
from huiquan.web.orders.callers import read_signing
from huiquan.web.outcomes import Outcomes
from huiquan.web.recent_entries import RecentEntries
from huiquan.web.refusal_counts import RefusalCounts, refusals_written
from huiquan.web.routes import ROUTES
from huiquan.web.rush import Rush
from huiquan.web.standing import Gaps, refuse_while_behind, standing_compared

BODY_MAX_BYTES = 64 * 1024


def make_site(app: App) -> Litestar:
    """Put the routes together over one App."""
    campaigns = CampaignCache(app)
    refusals = RefusalCounts(app.clock)
    recent = RecentEntries()
    return Litestar(
        route_handlers=[may_refuse(handler) for handler in ROUTES],
        dependencies={
            "house": Provide(lambda: app, sync_to_thread=False),
            "partner": Provide(read_partner),
            "signed": Provide(read_signing),
            **CALLERS,
        },
        exception_handlers=EXCEPTION_HANDLERS,
        before_request=refuse_while_behind,
        request_class=StrictRequest,
        openapi_config=describe_api(),
        lifespan=[standing_compared, campaigns_kept_fresh, refusals_written],
        request_max_body_size=BODY_MAX_BYTES,
        state=State(
            {
                "house": app,
                "log": web_log(),
                "refusals": refusals,
                "campaigns": campaigns,
                "rush": Rush(app, campaigns, refusals, recent),
                "outcomes": Outcomes(app, campaigns, recent),
                "limits": Limits(app),
                "day_pages": DayPages(app),
                "gaps": Gaps(app),
            }
        ),
        logging_config=None,
    )


def may_refuse(handler: HTTPRouteHandler) -> HTTPRouteHandler:
    """Say in the API description that this door may refuse."""
    handler.responses = {**REFUSALS, **(handler.responses or {})}
    return handler


def describe_api() -> OpenAPIConfig:
    """The OpenAPI description that integrators and our own pages are built from."""
    return OpenAPIConfig(
        title="huiquan 惠券",
        version="1.0.0",
        description="政府消费券平台的公开接口。金额单位为分，时间为北京时间（RFC 3339）。",
        path="/schema",
        render_plugins=[SwaggerRenderPlugin(), ScalarRenderPlugin()],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "signature": SecurityScheme(
                    type="apiKey", name="Huiquan-Signature", security_scheme_in="header"
                ),
            }
        ),
    )

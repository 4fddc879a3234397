"""Which desk an acquirer meets.  柜台选择"""

from huiquan.app import App
from huiquan.web.acquirer.callers import AcquirerCaller
from huiquan.web.acquirer.desk import Desk, RealDesk


def desk_of(app: App, caller: AcquirerCaller) -> Desk:
    """The desk of this acquirer."""
    return RealDesk(app=app)

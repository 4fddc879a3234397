"""What the house is plugged into: one frozen value that is handed down.  装配"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from huiquan.clock import Clock
from huiquan.db.connection import Database
from huiquan.db.remembered import Remembered
from huiquan.domain.regions import Regions
from huiquan.domain.signing import Signer, signer_from
from huiquan.gateways.callbacks import Callbacks, HttpCallbacks
from huiquan.gateways.high_water import HighWater, NoMark
from huiquan.gateways.identity import Identity
from huiquan.gateways.keys import KeyRing
from huiquan.gateways.mappings import KnownMapping, load_mappings
from huiquan.gateways.notary import RemoteSigner
from huiquan.gateways.sms import Sms
from huiquan.gateways.vault import Vault
from huiquan.settings import Settings


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything an action or a view may use; made once at start-up, or by a test with fakes."""

    settings: Settings
    clock: Clock
    db: Database
    keys: KeyRing
    vault: Vault
    regions: Regions
    identity: Identity
    sms: Sms
    notary: RemoteSigner
    auditor: RemoteSigner
    witness: RemoteSigner
    random_bytes: Callable[[int], bytes]
    callbacks: Callbacks = field(default_factory=HttpCallbacks)
    high_water: HighWater = field(default_factory=NoMark)
    remembered: Remembered = field(default_factory=Remembered)

    @cached_property
    def mappings(self) -> dict[str, KnownMapping]:
        """The bill formats of this house, by their code."""
        return load_mappings(self.settings.mappings_dir)

    @cached_property
    def signer(self) -> Signer:
        """The platform's own signature."""
        return signer_from(self.keys.platform)

    @property
    def witnesses(self) -> dict[str, RemoteSigner]:
        """Whoever cosigns the public log, by role; the last one signs nothing else."""
        return {"notary": self.notary, "auditor": self.auditor, "witness": self.witness}

    @cached_property
    def approver(self) -> Signer:
        """The department's signature under each draw config."""
        return signer_from(self.keys.approver)

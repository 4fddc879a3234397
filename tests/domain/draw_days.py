"""A small day of the draw for the tests: parties, a config, entries, rounds, and its export."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

from huiquan.domain import checkpoints, draw_config, exports, lottery, merkle, rounds, vrf
from huiquan.domain.days import SHANGHAI
from huiquan.domain.draw_config import DrawConfig
from huiquan.domain.hashes import ZERO_HASH
from huiquan.domain.signing import Purpose, Signer, signer_from
from huiquan.domain.stock import Account, Release, deal_day, left_before, topups_of_lane

DAY = 20260206
LANES = 2
TIERS = 3
OPENS = datetime(2026, 2, 6, 10, tzinfo=SHANGHAI)
PARTIES = ("platform", "approver", "notary", "auditor")
RELEASES = tuple(Release(slot, tier, 4) for slot in (0, 10, 11) for tier in (1, 2, 3))
CHANCES = {1: [(1, Fraction(1, 10)), (2, Fraction(1, 5))], 2: [(3, Fraction(1, 4))]}


def seed_for(party: str) -> bytes:
    """A secret that is the same in every run."""
    return hashlib.sha256(party.encode()).digest()


def signer_for(party: str) -> Signer:
    """A party's signature."""
    return signer_from(seed_for(party))


SIGNERS: Mapping[str, Signer] = {party: signer_from(seed_for(party)) for party in PARTIES}
# Who signs in each role: a change of keys puts another in a signer's place.
SAME: Mapping[str, str] = {party: party for party in ("platform", "notary", "auditor")}
KEYS = draw_config.Keys(**{party: signer.key.hex() for party, signer in SIGNERS.items()})


def a_config(**changes: object) -> DrawConfig:
    """A flawless config for one day, two packs, three tiers; changes replace fields."""
    published = OPENS - timedelta(hours=24)
    config = DrawConfig(
        campaign="2026-mashangyouli",
        platform="demo",
        epoch=0,
        epoch_start=None,
        lanes=LANES,
        round_max=50,
        packs={1: draw_config.Pack(code="retail"), 2: draw_config.Pack(code="dining")},
        tiers={
            1: draw_config.Tier(pack=1, face_fen=2000, threshold_fen=10000),
            2: draw_config.Tier(pack=1, face_fen=1000, threshold_fen=5000),
            3: draw_config.Tier(pack=2, face_fen=1500, threshold_fen=6000),
        },
        limits=draw_config.Limits(entries_per_day=1, wins_per_day=1, wins_per_campaign=5),
        keys=KEYS,
        log=draw_config.Log(
            origin="huiquan/2026-mashangyouli",
            quorum=2,
            witnesses=(
                draw_config.Witness(name="notary.huiquan", key=KEYS.notary),
                draw_config.Witness(name="auditor.huiquan", key=KEYS.auditor),
            ),
        ),
        dealing=draw_config.Dealing(log_size=0, root=merkle.EMPTY_ROOT.hex()),
        exclusion_list_hash="0" * 64,
        source_hash="1" * 64,
        campaign_key=lottery.campaign_key_commitment(b"the pseudonym key").hex(),
        formula=draw_config.Formula(text="p = release / forecast", inputs={"forecast": 100}),
        published_at=published,
        active_from=published + timedelta(hours=12),
        days={DAY: a_plan()},
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def a_plan(
    releases: Sequence[Release] = RELEASES, day: int = DAY, lanes: int = LANES
) -> draw_config.DayPlan:
    """A day with these releases dealt to lanes, and the usual chances."""
    return draw_config.DayPlan(
        tables={pack: draw_config.table_from(chances) for pack, chances in CHANCES.items()},
        topups=deal_day(merkle.EMPTY_ROOT, day, lanes, releases),
    )


LOG_OF_THREE = replace(
    a_config().log,
    witnesses=(
        *a_config().log.witnesses,
        draw_config.Witness(name="witness.huiquan", key=signer_for("witness").key.hex()),
    ),
)


def sign_both(cfg_hash: bytes) -> draw_config.ConfigSignatures:
    """The platform's and the approver's signatures over a config's hash."""
    platform, approver = SIGNERS["platform"], SIGNERS["approver"]
    return draw_config.ConfigSignatures(
        platform=draw_config.sign_config(platform, Purpose.CONFIG_BY_PLATFORM, cfg_hash),
        approver=draw_config.sign_config(approver, Purpose.CONFIG_BY_APPROVER, cfg_hash),
    )


@dataclass
class Lane:
    """A lane that entries are put into and rounds are drawn from."""

    lane: int
    next_idx: int = 0
    next_seq: int = 0
    prev: bytes = ZERO_HASH
    account: Account | None = None
    entries: list[rounds.Entry] = field(default_factory=list)


@dataclass
class DrawDay:
    """The day as it goes on: people enter, rounds are drawn, the log grows."""

    config: DrawConfig = field(default_factory=a_config)
    day: int = DAY
    people: int = 0
    rows: list[exports.RoundRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    checkpoint_every: int = 1
    parties: Mapping[str, str] = field(default_factory=lambda: SAME)
    cosigners: Sequence[str] = ("notary", "auditor")
    epoch_file: bytes | None = None

    def __post_init__(self) -> None:
        self.earlier: dict[bytes, bytes] = {}
        self._take_up(self.config)
        self.tables = draw_config.tables_of(self.config.days[self.day])
        self.lanes = [Lane(lane=lane) for lane in range(self.config.lanes)]
        self.kept: list[exports.KeptRow] = []
        self.log_before = self.frontier
        self.leaves: list[tuple[int, int] | str] = []

    def change_config(self, config: DrawConfig) -> None:
        """Another config begins to act; the one so far stands in the export beside it."""
        self.earlier[self.cfg_hash] = self.raw_config
        self._take_up(config)

    def _take_up(self, config: DrawConfig) -> None:
        self.config = config
        self.raw_config = draw_config.encode_config(config)
        self.cfg_hash = draw_config.cfg_hash_of(self.raw_config)

    @property
    def raw_configs(self) -> dict[bytes, bytes]:
        """The bytes of every config of the day, by hash."""
        return {**self.earlier, self.cfg_hash: self.raw_config}

    def enter(self, count: int) -> list[rounds.Entry]:
        """So many new people enter, each in the lane of their pseudonym."""
        entered = []
        for number in range(self.people, self.people + count):
            person = hashlib.sha256(b"person %d" % number).digest()
            pid = lottery.pid_of(b"the pseudonym key", person)
            start = draw_config.epoch_start_of(self.config, self.cfg_hash)
            lane = self.lanes[lottery.lane_of(start, pid, self.config.lanes)]
            entry = rounds.Entry(
                lane=lane.lane,
                day=self.day,
                idx=lane.next_idx,
                pack=1 + number % len(self.config.packs),
                pid=pid,
                client_nonce=hashlib.sha256(b"nonce %d" % number).digest()[:16],
                elig=lottery.eligibility_commitment(bytes(16), b"accepted"),
            )
            lane.next_idx += 1
            lane.entries.append(entry)
            entered.append(entry)
        self.people += count
        return entered

    def seal(self, number: int, slot: int, count: int) -> tuple[rounds.Seal, list[rounds.Entry]]:
        """Seal the next entries of a lane."""
        lane = self.lanes[number]
        taken, lane.entries = lane.entries[:count], lane.entries[count:]
        topups = topups_of_lane(self.config.days[self.day].topups, number)
        seal = rounds.Seal(
            cfg_hash=self.cfg_hash,
            epoch=self.config.epoch,
            lane=number,
            seq=lane.next_seq,
            prev_seal_hash=lane.prev,
            first_idx=taken[0].idx,
            count=len(taken),
            root=merkle.root_of(map(rounds.encode_entry, taken)),
            day=self.day,
            slot=slot,
            left_before=left_before(lane.account, self.day, slot, topups, len(self.config.tiers)),
        )
        return seal, taken

    def draw(self, number: int, slot: int, count: int = 50) -> exports.RoundRow:
        """Seal, prove and draw the next round of a lane, and log it."""
        seal, taken = self.seal(number, slot, count)
        return self.finish(seal, taken)

    def finish(self, seal: rounds.Seal, taken: Sequence[rounds.Entry]) -> exports.RoundRow:
        """Prove and draw a sealed round, and log it under a cosigned checkpoint."""
        raw = rounds.encode_seal(seal)
        final, drawn = draw_sealed(seal, taken, self.tables, self.parties)
        row = exports.round_row(raw, rounds.encode_final(final))
        for entry, outcome in zip(taken, drawn.outcomes, strict=True):
            if outcome.kept:
                serial = f"V{seal.lane:02d}{entry.idx:06d}"
                self.kept.append(
                    exports.KeptRow(
                        lane=seal.lane, idx=entry.idx, tier=outcome.tier, voucher=serial
                    )
                )
        self.go_on(seal, drawn)
        self.rows.append(row)
        self._log(row, seal.day)
        return row

    def go_on(self, seal: rounds.Seal, drawn: lottery.Drawn) -> None:
        """The lane stands behind this round."""
        lane = self.lanes[seal.lane]
        lane.next_seq = seal.seq + 1
        lane.prev = rounds.seal_hash_of(rounds.encode_seal(seal))
        lane.account = Account(day=seal.day, slot=seal.slot, left_after=drawn.left_after)

    def _log(self, row: exports.RoundRow, day: int) -> None:
        leaf = merkle.leaf_hash(rounds.log_leaf(bytes.fromhex(row.seal), bytes.fromhex(row.final)))
        self.leaves.append((row.lane, row.seq) if day == self.day else leaf.hex())
        self.frontier = self.frontier.append(leaf)
        if len(self.leaves) % self.checkpoint_every == 0:
            self.publish_checkpoint()

    def publish_checkpoint(self) -> None:
        """A checkpoint over the log as it stands."""
        self.notes.append(cosigned_note(self.config, self.frontier, self.parties, self.cosigners))

    def files(self, entries: Mapping[int, bytes]) -> dict[str, bytes]:
        """The export of the day, as files by path; entries are the bytes of each lane."""
        files = exports.config_files(self.raw_configs)
        files |= {exports.entries_file(lane): raw for lane, raw in entries.items()}
        files |= {
            "keys.json": exports.build_keys(published_keys(self.parties)),
            "rounds.ndjson": exports.build_rounds(self.rows),
            "kept.ndjson": exports.build_kept(self.kept),
            "checkpoints.txt": checkpoints.join_notes(self.notes).encode(),
        }
        if self.epoch_file is not None:
            files["epoch.json"] = self.epoch_file
        return files | {"manifest.json": self.manifest(files)}

    def manifest(self, files: Mapping[str, bytes]) -> bytes:
        """The signed manifest over these files."""
        return sign_manifest(self.unsigned_manifest(files), self.parties)

    def unsigned_manifest(self, files: Mapping[str, bytes]) -> exports.Manifest:
        """The manifest over these files, not signed yet."""
        raws = self.raw_configs
        names = dict(zip(raws, exports.config_files(raws), strict=True))
        return exports.Manifest(
            campaign=self.config.campaign,
            platform=self.config.platform,
            epoch=self.config.epoch,
            day=self.day,
            configs=tuple(config_file(name, cfg_hash) for cfg_hash, name in names.items()),
            files=exports.marks_of(files),
            totals=exports.totals_of(self.rows, len(self.config.tiers)),
            log=exports.LogPart(
                size_before=self.log_before.size,
                frontier=tuple(one.hex() for one in self.log_before.hashes),
                leaves=tuple(self.leaves),
            ),
        )


def config_file(name: str, cfg_hash: bytes) -> exports.ConfigFile:
    """A config as the manifest names it, signed by platform and approver."""
    both = sign_both(cfg_hash)
    return exports.ConfigFile(
        file=name,
        cfg_hash=cfg_hash.hex(),
        platform=both.platform.hex(),
        approver=both.approver.hex(),
    )


def published_keys(parties: Mapping[str, str] = SAME) -> exports.PublishedKeys:
    """The keys of the three who sign a manifest."""
    return exports.PublishedKeys(
        **{role: signer_for(party).key.hex() for role, party in parties.items()}
    )


def sign_manifest(manifest: exports.Manifest, parties: Mapping[str, str] = SAME) -> bytes:
    """manifest.json with the signatures of platform, notary and auditor."""
    body = exports.manifest_body(manifest)
    return exports.build_manifest(
        manifest,
        exports.ManifestSignatures(
            **{
                role: signer_for(party).sign(Purpose.MANIFEST, body).hex()
                for role, party in parties.items()
            }
        ),
    )


def draw_sealed(
    seal: rounds.Seal,
    taken: Sequence[rounds.Entry],
    tables: lottery.Tables,
    parties: Mapping[str, str] = SAME,
) -> tuple[rounds.Final, lottery.Drawn]:
    """Both signers prove a seal, and the round is drawn."""
    seal_hash = rounds.seal_hash_of(rounds.encode_seal(seal))
    pi_notary = vrf.prove(seed_for(parties["notary"]), vrf.seal_alpha("N", seal_hash))
    pi_auditor = vrf.prove(seed_for(parties["auditor"]), vrf.seal_alpha("W", seal_hash))
    betas = (vrf.proof_to_hash(pi_notary), vrf.proof_to_hash(pi_auditor))
    drawn = lottery.draw_round(seal, taken, tables, *betas)
    return lottery.final_of(seal_hash, pi_notary, pi_auditor, drawn), drawn


def cosigned_note(
    config: DrawConfig,
    frontier: merkle.Frontier,
    parties: Mapping[str, str] = SAME,
    cosigners: Sequence[str] = ("notary", "auditor"),
) -> str:
    """A checkpoint of the log, signed by the platform and cosigned by these witnesses."""
    text = checkpoints.checkpoint_text(
        checkpoints.Checkpoint(origin=config.log.origin, size=frontier.size, root=frontier.root())
    )
    lines = [checkpoints.sign_note(SIGNERS["platform"], config.log.origin, text)]
    lines += [
        checkpoints.cosign(signer_for(parties.get(role, role)), f"{role}.huiquan", text, OPENS)
        for role in cosigners
    ]
    return checkpoints.join_note(text, lines)


def a_drawn_day(people: int = 160, per_round: int = 20) -> tuple[DrawDay, dict[str, bytes]]:
    """A finished day: two thirds of the people at 10 o'clock, the others at 11, all drawn."""
    day = DrawDay()
    entered: dict[int, list[rounds.Entry]] = {lane: [] for lane in range(LANES)}
    for slot, count in ((10, people * 2 // 3), (11, people - people * 2 // 3)):
        for entry in day.enter(count):
            entered[entry.lane].append(entry)
        while any(lane.entries for lane in day.lanes):
            for lane in day.lanes:
                if lane.entries:
                    day.draw(lane.lane, slot, per_round)
    raw = {lane: rounds.encode_entries(entries) for lane, entries in entered.items() if entries}
    return day, day.files(raw)

"""Params: merging, what is refused and how every problem is told at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from small_workbook import UNIT, make_workbook

from cts_lib.errors import ParamsError, Problems
from cts_lib.params import Strategy, UnitParams, load
from cts_lib.params.loading import merge, parse_override, unit_names
from cts_lib.params.period import Period
from cts_lib.strategy.checks import check_segments

MODEL: dict[str, Any] = {
    "resources": {"desk": {"capacity_minutes": 1000}, "trucks": {}, "it": {"support": True}},
    "activities": {
        "entry": {"resource": "desk", "per": "order", "minutes": "5 + 3*lines"},
        "delivery": {"resource": "trucks", "per": "shipment", "driver": "1", "share": 0.8},
    },
}


def loaded(params: Path, *overrides: str) -> UnitParams:
    return load(params, None, list(overrides))[0]


def problems(params: Path, *overrides: str) -> list[str]:
    with pytest.raises(Problems) as told:
        load(params, None, list(overrides))
    lines = [str(problem) for problem in told.value.problems]
    assert str(told.value).splitlines() == lines
    return lines


def write_defaults(folder: Path, text: str) -> Path:
    """Put a text before the defaults of a whole workbook."""
    params = make_workbook(folder, cost_model=MODEL)
    path = params / "defaults.yml"
    path.write_text(text + path.read_text(encoding="utf-8"), encoding="utf-8")
    return params


def test_merging_goes_deep_replaces_lists_and_drops_what_is_null() -> None:
    base = {"a": {"b": 1, "c": {"d": 2, "e": 3}}, "list": [1, 2, 3], "gone": {"x": 1}}
    over = {"a": {"c": {"d": 9, "e": None}}, "list": [4], "gone": None, "never": None}
    assert merge(base, over) == {"a": {"b": 1, "c": {"d": 9}}, "list": [4]}
    assert base == {"a": {"b": 1, "c": {"d": 2, "e": 3}}, "list": [1, 2, 3], "gone": {"x": 1}}


def test_the_unit_overrides_the_defaults_and_set_overrides_both(tmp_path: Path) -> None:
    unit = {"quality": {"max_rejected_share": 0.2, "ledger_tolerance": 5}, "strategy": {"electronic_methods": ["edi"]}}
    params = make_workbook(
        tmp_path, cost_model=MODEL, unit=unit, quality={"max_rejected_share": 0.1, "strict_ledger": True}
    )
    quality = loaded(params, "quality.max_rejected_share=0.3").params.quality
    assert (quality.max_rejected_share, quality.ledger_tolerance, quality.strict_ledger) == (0.3, 5, True)
    assert loaded(params).params.strategy.electronic_methods == ("edi",)


def test_a_null_removes_an_activity_for_one_unit(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL, unit={"cost_model": {"activities": {"delivery": None}}})
    assert list(loaded(params).params.cost_model.activities) == ["entry"]


def test_set_with_a_null_removes_what_a_file_gives(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL, quality={"max_rejected_share": 0.5})
    assert loaded(params, "quality.max_rejected_share=null").params.quality.max_rejected_share == 0.01


def test_several_sets_of_one_section_add_up_and_the_last_wins(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    told = loaded(
        params, "quality.strict_ledger=true", "quality.max_rejected_share=0.2", "quality.max_rejected_share=0.3"
    )
    assert (told.params.quality.strict_ledger, told.params.quality.max_rejected_share) == (True, 0.3)


@pytest.mark.parametrize("text", ["quality", "=1", "quality.=1", ".a=1", "a..b=2"])
def test_a_set_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ParamsError, match=r"dotted\.key=value"):
        parse_override(text)


def test_the_units_name_stands_in_for_what_its_file_leaves_out(tmp_path: Path) -> None:
    unit = loaded(make_workbook(tmp_path, cost_model=MODEL))
    assert (unit.name, unit.label, unit.business_unit) == (UNIT, UNIT, UNIT)
    assert unit.root == tmp_path
    other = loaded(make_workbook(tmp_path, cost_model=MODEL, unit={"unit": {"label": "Nord", "business_unit": "N1"}}))
    assert (other.name, other.label, other.business_unit) == (UNIT, "Nord", "N1")


def test_sections_and_keys_that_no_file_gives_are_listed(tmp_path: Path) -> None:
    unit = loaded(make_workbook(tmp_path, cost_model=MODEL, quality={"strict_ledger": True}, evaluation=None))
    sections = ["unit", "profile", "segmentation", "strategy", "evaluation", "governance"]
    assert unit.defaults_used == [*sections, "quality.max_rejected_share", "quality.ledger_tolerance"]


def test_norway_is_a_country_and_a_key_stands_once(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    (params / "units" / f"{UNIT}.yml").write_text("unit: {country: NO, currency: NOK}\n", encoding="utf-8")
    assert loaded(params).params.unit.country == "NO"
    assert loaded(params, "unit.country=ON").params.unit.country == "ON"
    (params / "units" / f"{UNIT}.yml").write_text("unit: {country: NO}\nunit: {country: SE}\n", encoding="utf-8")
    assert "units/north.yml, line 2, column 1: the key 'unit' stands twice; keep one" in problems(params)[0]


def test_anchors_and_merge_keys_of_yaml_are_understood(tmp_path: Path) -> None:
    params = write_defaults(
        tmp_path, "quality: {<<: {strict_ledger: true, ledger_tolerance: 2}, ledger_tolerance: 3}\n"
    )
    quality = loaded(params).params.quality
    assert (quality.strict_ledger, quality.ledger_tolerance) == (True, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("quality: [1\n", "line 2, column "),
        ("quality: {a: 1\n", "line 2"),
        ("? [a]\n: b\n", "a key is a list or mapping"),
        ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("\tquality: 1\n", "line 1"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    found = problems(write_defaults(tmp_path, text))
    assert len(found) == 1
    assert "defaults.yml, line" in found[0]
    assert told in found[0]


def test_a_file_that_is_no_mapping_or_no_text_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    (params / "units" / f"{UNIT}.yml").write_text("- a\n", encoding="utf-8")
    assert "north.yml: holds a list; write a mapping" in problems(params)[0]
    (params / "units" / f"{UNIT}.yml").write_bytes(b"unit: {label: \xff}\n")
    assert "north.yml: not YAML in UTF-8" in problems(params)[0]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("qualty.strict_ledger=true", "unknown key 'qualty'; did you mean 'quality'?"),
        (
            "quality.strict_leger=true",
            "quality.strict_leger: unknown key 'strict_leger'; did you mean 'strict_ledger'?",
        ),
        ("cost_model.resources.desk.capcity.people=3", "unknown key 'capcity'; did you mean 'capacity'?"),
        ("cost_model.activities.entry.minuts=3", "unknown key 'minuts'; did you mean 'minutes'?"),
        ("cost_model.activities.entry.minutes={exp: 4}", "unknown key 'exp'; did you mean 'expr'?"),
        ("strategy.levers.teleport.investment=3", "levers.teleport: unknown kind 'teleport'; known are hand_over"),
        ("strategy.levers.faster={kind: rythm, settings: {}}", "unknown kind 'rythm'; did you mean 'rhythm'?"),
        ("strategy.levers.rush.adopton=0.5", "levers.rush.adopton: unknown key 'adopton'; did you mean 'adoption'?"),
        (
            "strategy.levers.rush={settings: {pay: {fe: 3}}}",
            "levers.rush.settings.pay.fe: unknown key 'fe'; did you mean 'fee'?",
        ),
        (
            "strategy.levers.rush={settings: {pay: {drop: true, fee: 3}}}",
            "settings.pay: has both or none of drop and fee",
        ),
        (
            "strategy.levers.rush={settings: {pay: {}}}",
            "settings.pay: has both or none of drop and fee; give one of them",
        ),
        ("strategy.levers.rhythm={settings: {often: {}}}", "settings.often: has both or none of days and weekdays"),
        ("strategy.levers.rhythm={settings: {often: {weekdays: [today]}}}", "found 'today'; input should be 'mon'"),
        ("strategy.levers.node={settings: {far: {}}}", "settings.far: has both or none of to and choose"),
        (
            "strategy.levers.minimum_order={settings: {all: {value: 9}}}",
            "settings.all: has nothing; give exactly one of below",
        ),
        ("strategy.levers.terms={settings: {same: {lose: 0.1}}}", "settings.same: changes nothing; give price"),
        ("strategy.levers.rush={settings: {}}", "levers.rush.settings: found {}"),
        ("strategy.levers.rush={}", "levers.rush.settings: missing; it is required"),
        (
            "strategy.levers.rush={adoption: 0, settings: {none: {drop: true}}}",
            "rush.adoption: found 0; input should be",
        ),
        (
            "strategy.levers={'a: b': {kind: rush, settings: {none: {drop: true}}}}",
            "is called 'a: b'; a name holds neither ': ' nor ' + ' and is not empty",
        ),
        (
            "strategy.levers.rush={settings: {'a + b': {drop: true}}}",
            "is called 'a + b'; a name holds neither ': ' nor ' + ' and is not empty",
        ),
        ("strategy.levers.rush={settings: {1: {drop: true}}}", "input should be a valid string"),
        ("strategy.levers.rush.settings=3", "rush.settings: found 3; write keys with their values, as {key: value}"),
        ("strategy.levers.rush=3", "found 3; write keys with their values, as {key: value}"),
        ("evaluation=3", "evaluation: found 3; write keys with their values, as {key: value}"),
        ("segmentation.dimensions=3", "segmentation.dimensions: found 3; write a list, as [a, b]"),
        ("strategy.electronic_methods=3", "electronic_methods: found 3; write a list, as [a, b]"),
        (
            "cost_model.resources.desk.capacity_minutes=-5",
            "desk.capacity_minutes: found -5; input should be greater than 0",
        ),
        ("cost_model.resources.desk.capacity_minutes=0", "found 0; input should be greater than 0"),
        ("cost_model.resources.desk.capacity_minutes=.inf", "finite number"),
        ("cost_model.resources.desk.capacity.people=3", "resources.desk"),
        ("quality.max_rejected_share=1.5", "found 1.5; input should be less than or equal to 1"),
        ("unit.currency=euro", "found 'euro'"),
        ("source.sql=x", "give exactly one of path"),
        ("source.path=null", "give exactly one of path"),
        ("source.engine=oracle", "found 'oracle'; input should be 'duckdb', 'postgres' or 'spark'"),
        ("cost_model.activities.entry.driver='1'", "has minutes and driver; give exactly one of"),
        ("cost_model.activities.entry.minutes=null", "has no basis; give exactly one of minutes, driver, direct"),
        ("cost_model.activities.entry.per=pallet", "write line, order, shipment, customer or event:<name>"),
        ("cost_model.activities.entry.per=event", "event:<name>"),
        ("cost_model.activities.entry.rate=3", "rate goes with a driver and without a resource"),
        ("cost_model.activities.entry.share=0.3", "share goes with a driver and a resource"),
        ("cost_model.activities.entry.resource=dsk", "no resource 'dsk'; declare it; known are desk, trucks, it"),
        ("cost_model.activities.entry.resource=trucks", "'trucks' has no capacity"),
        ("cost_model.activities.delivery.resource=desk", "'desk' has a capacity"),
        ("cost_model.activities.delivery.resource=it", "only other resources have activities"),
        ("cost_model.activities.delivery.share=1.2", "found 1.2; input should be less than or equal to 1"),
        (
            "cost_model.activities.drops={resource: trucks, per: order, driver: '1', share: 0.3}",
            "shares of its activities sum to 1.1; at most 1",
        ),
        (
            "cost_model.activities.bill={resource: trucks, per: order, direct: freight_cost}",
            "mix direct and driver; keep to one kind",
        ),
        ("cost_model.support.shares={it: {desk: 0.9}}", "shares sum to 0.9; they sum to 1"),
        ("cost_model.support.shares={it: {dsk: 1}}", "no resource 'dsk'"),
        ("cost_model.support.shares={desk: {trucks: 1}}", "'desk' is no support resource"),
        ("cost_model.support={method: step, shares: {it: {desk: 1}}}", "step needs the order of all with shares"),
        ("cost_model.resources.brand={level: channel}", "needs channel with level: channel"),
        ("cost_model.resources.it.level=business_unit", "is support and sustaining"),
        ("cost_model.resources.a-b={}", "cannot be a column"),
    ],
)
def test_every_fault_says_what_is_wrong_and_what_would_be_right(tmp_path: Path, override: str, told: str) -> None:
    found = problems(make_workbook(tmp_path, cost_model=MODEL), override)
    assert any(told in line for line in found), found
    places = ("--set, ", f"{tmp_path}/params/defaults.yml, cost_model.resources.")
    assert all(line.startswith(places) for line in found)


def test_all_problems_are_told_at_once_each_with_file_and_key(tmp_path: Path) -> None:
    unit = {"cost_model": {"resources": {"desk": {"capacity_minutes": -1}}}, "unit": {"currency": "euro"}}
    params = make_workbook(tmp_path, cost_model=MODEL, unit=unit, qualty={"strict_ledger": True})
    found = problems(params)
    assert len(found) == 3
    assert any(f"{params}/defaults.yml, qualty: unknown key" in line for line in found)
    assert any(f"{params}/units/north.yml, unit.currency: found 'euro'" in line for line in found)
    assert any(
        f"{params}/units/north.yml, cost_model.resources.desk.capacity_minutes: found -1" in line for line in found
    )


def test_disagreements_within_the_cost_model_are_told_beside_faults_elsewhere(tmp_path: Path) -> None:
    found = problems(make_workbook(tmp_path, cost_model=MODEL), "qualty=1", "cost_model.activities.entry.resource=dsk")
    assert len(found) == 2


def test_problems_of_every_unit_are_told_and_a_common_one_once(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL, qualty={})
    (params / "units" / "south.yml").write_text("unit: {currency: x}\n", encoding="utf-8")
    assert len(problems(params)) == 2


@pytest.mark.parametrize("value", ["!!int 0x_", "!!int abc", "!!float abc", "9" * 5000, "&a [*a]"])
def test_a_value_that_yaml_cannot_build_is_told(tmp_path: Path, value: str) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    (params / "units" / "north.yml").write_text(f"unit: {{label: {value}}}\n", encoding="utf-8")
    assert len(found := problems(params)) == 1
    assert f"{params}/units/north.yml" in found[0]


@pytest.mark.parametrize("section", ["segmentation", "quality", "strategy", "profile"])
def test_a_number_in_place_of_a_section_is_told(tmp_path: Path, section: str) -> None:
    assert any("found 5" in line for line in problems(make_workbook(tmp_path, cost_model=MODEL), f"{section}=5"))


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    (params / "units" / "south.yml").mkdir()
    assert problems(params)[0].startswith(f"{params}/units/south.yml: cannot be read: ")


def test_a_section_without_a_value_is_as_if_absent(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL, quality=None)
    assert loaded(params).params.quality.max_rejected_share == 0.01


def test_labels_merge_like_all_params_and_a_null_takes_one_away(tmp_path: Path) -> None:
    base = {
        "channel": {"horeca": {"es": "Hostelería", "en": "Horeca"}, "web": {"es": "Red"}},
        "size_class": {1: {"es": "uno"}},
    }
    own = {"channel": {"horeca": {"es": "Bares"}, "web": None}}
    labels = loaded(make_workbook(tmp_path, labels=base, unit={"labels": own})).params.labels
    assert labels == {"channel": {"horeca": {"es": "Bares", "en": "Horeca"}}, "size_class": {"1": {"es": "uno"}}}


def test_a_label_in_an_unknown_language_is_told_with_its_file_and_the_nearest_known(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, labels={"channel": {"horeca": {"ess": "Hostelería"}}})
    with pytest.raises(Problems) as caught:
        load(params)
    where = f"{params / 'defaults.yml'}, labels.channel.horeca.ess"
    assert [str(problem) for problem in caught.value.problems] == [
        f"{where}: unknown language 'ess'; did you mean 'es'?"
    ]


def test_an_unknown_unit_is_told_with_the_nearest_known_one(tmp_path: Path) -> None:
    params = make_workbook(tmp_path, cost_model=MODEL)
    with pytest.raises(Problems, match=r"--unit nort: no such unit; did you mean 'north'\?"):
        load(params, ["nort"])


def test_a_folder_without_params_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="no such folder"):
        unit_names(tmp_path / "nowhere")
    with pytest.raises(ParamsError, match=r"defaults\.yml: no such file"):
        unit_names(tmp_path)
    (tmp_path / "defaults.yml").touch()
    with pytest.raises(ParamsError, match="no unit there"):
        unit_names(tmp_path)


def test_a_bare_number_is_an_equation(tmp_path: Path) -> None:
    unit = loaded(make_workbook(tmp_path, cost_model=MODEL), "cost_model.activities.entry.minutes=40")
    assert unit.params.cost_model.activities["entry"].quantity == "40"


def test_capacity_of_people_is_what_they_work_and_scales_only_with_per(tmp_path: Path) -> None:
    model = MODEL | {
        "resources": MODEL["resources"]
        | {
            "desk": {"capacity": {"people": 7, "weeks": 50, "minutes_per_week": 2400, "practical_share": 0.9}},
            "dock": {"capacity_minutes": 1200, "per": "year"},
        }
    }
    resources = loaded(make_workbook(tmp_path, cost_model=model)).params.cost_model.resources
    for period in map(Period.parse, ("2026", "2026-Q1", "2026-07")):
        assert resources["desk"].minutes(period) == pytest.approx(756_000)
        assert resources["dock"].minutes(period) == pytest.approx(100 * period.months)
    assert resources["trucks"].minutes(Period.parse("2026")) is None


def test_levers_can_be_handed_to_another_process() -> None:
    strategy = Strategy()
    assert pickle.loads(pickle.dumps(strategy)) == strategy  # noqa: S301


def test_a_floor_of_a_segment_that_nobody_is_in_is_refused(tmp_path: Path) -> None:
    unit = load(make_workbook(tmp_path, strategy={"floors": {"Pasive": {"service_level": 0.9}}}))[0]
    with pytest.raises(
        ParamsError, match=r"strategy\.floors\.Pasive: is no segment of this run; known: Aggressive, Passive"
    ):
        check_segments(unit, {"Passive", "Aggressive"})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a\\b", "the unit name 'a\\\\b' holds '\\\\'; use letters"),
        ("nul", "the unit name 'nul' is reserved by some systems"),
        ("Com1.old", "the unit name 'Com1.old' is reserved by some systems"),
        ("north ", "the unit name 'north ' begins or ends with a point or space"),
        ("north.", "the unit name 'north.' begins or ends with a point or space"),
        ("n" * 101, "a unit name of 101 characters; at most 100"),
    ],
)
def test_a_unit_is_called_what_a_folder_may_be_called(name: str, said: str, tmp_path: Path) -> None:
    params = make_workbook(tmp_path)
    (params / "units" / f"{name}.yml").touch()
    (told,) = problems(params)
    assert said in told
    (params / "units" / f"{name}.yml").rename(params / "units" / f"{'n' * 100}.yml")
    assert len(load(params)) == 2

"""What can be held against Terraform's files without Google's provider."""

import re
from pathlib import Path

PROJECT_PATH = Path(__file__).resolve().parents[2]
FILES = {path.name: path.read_text() for path in (PROJECT_PATH / "infra").glob("*.tf")}
CODE = re.sub(r"^\s*#.*$", "", "\n".join(FILES.values()), flags=re.MULTILINE)
DOCS = (PROJECT_PATH / "docs" / "GOOGLE_CLOUD.md").read_text()
MEMBERS = {"local.airflow": "musicgen-airflow", "local.jobs": "musicgen-jobs"}


def declared(kind):
    """Return what is declared: names of variables, outputs or locals; type.name of the others."""
    found = re.findall(rf'^{kind} "(\w+)"(?: "(\w+)")? {{', CODE, re.MULTILINE)
    return [".".join(filter(None, each)) for each in found]


def test_every_reference_has_its_declaration():
    resources = set(re.findall(r"(?<![.\w])(google_\w+\.\w+)", CODE))
    assert resources == resources & set(declared("resource"))
    assert set(re.findall(r"data\.(google_\w+\.\w+)", CODE)) == set(declared("data"))
    assert set(re.findall(r"\bvar\.(\w+)", CODE)) == set(declared("variable"))
    blocks = re.findall(r"^locals {\n(.*?)^}", CODE, re.MULTILINE | re.DOTALL)
    local = {name for block in blocks for name in re.findall(r"^  (\w+) +=", block, re.MULTILINE)}
    assert set(re.findall(r"\blocal\.(\w+)", CODE)) == local


def test_nothing_is_declared_twice_and_all_is_explained():
    for kind in ("resource", "data", "variable", "output"):
        assert len(declared(kind)) == len(set(declared(kind)))
    assert len(re.findall(r"^  description +=", CODE, re.MULTILINE)) == len(
        declared("variable") + declared("output")
    )


def granted():
    """Return pairs of identity and role."""
    pairs = set(re.findall(r'role = "roles/([\w.]+)", member = (local\.\w+)', CODE))
    for _, body in re.findall(
        r'^resource "(\w+_iam_member)" "\w+" {\n(.*?)^}', CODE, re.MULTILINE | re.DOTALL
    ):
        role = re.search(r'role += "roles/([\w.]+)"', body)
        member = re.search(r"member += (\S+)", body)[1]
        if role and member == "each.value.member":
            pairs |= {(role[1], each) for each in MEMBERS}
        elif role and member in MEMBERS:
            pairs.add((role[1], member))
    return {(MEMBERS[member], role) for role, member in pairs}


def test_the_page_lists_every_role_that_is_granted_and_no_other():
    table = DOCS[DOCS.index("## Who may do what") : DOCS.index("## Capacity and cost")]
    told, identity = set(), ""
    for first, roles in re.findall(r"^\| *(`[\w-]+`)? *\| (`[\w.`, ]+`) \|", table, re.MULTILINE):
        identity = first.strip("`") or identity
        told |= {(identity, role) for role in re.findall(r"`([\w.]+)`", roles)}
    assert granted() == {pair for pair in told if pair[0] in MEMBERS.values()}


def test_no_role_is_a_whole_projects_and_nobody_has_a_key():
    roles = set(re.findall(r'"roles/([\w.]+)"', CODE))
    assert not [role for role in roles if re.search(r"^(owner|editor|viewer)$|[aA]dmin", role)]
    assert "service_account_key" not in CODE
    assert not re.search(r"allUsers|allAuthenticatedUsers|0\.0\.0\.0/0", CODE)


def test_what_jobs_need_to_know_is_told_by_names_that_are_read():
    from dataclasses import fields

    from musicgen_gcp.settings import PREFIX, GcpSettings

    told = set(re.findall(r"^ +(MUSICGEN_GCP_\w+)=", FILES["outputs.tf"], re.MULTILINE))
    assert told
    assert told <= {f"{PREFIX}{each.name.upper()}" for each in fields(GcpSettings)}

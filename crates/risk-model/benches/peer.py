"""The peer of the bench `score`: trains LightGBM and XGBoost models on data drawn by seed, and times LightGBM's
single-row fast call, one round for every line on standard input.

Usage: peer.py FOLDER. Writes rows.f32, lightgbm.txt, lightgbm.f64 (margins, then probabilities), xgboost.json,
xgboost.f32 (the same) and facts.json there, then says `ready`.
"""

import ctypes
import json
import pathlib
import sys
import time

import lightgbm
import numpy
import xgboost

SEED = 20_260_101
FEATURES = 77
CATEGORICAL = (70, 72, 74)
CATEGORIES = (12, 40, 90)
LEARNED = 40_000
JUDGED = 8_192
TREES = 200
LEAVES = 31


def data(rows, random):
    """Skewed amounts, rates, counts and codes, a tenth missing; findings by interactions of some of them."""
    x = random.normal(size=(rows, FEATURES))
    x[:, 20:40] = numpy.exp(x[:, 20:40])
    x[:, 40:60] = random.beta(1.2, 6.0, size=(rows, 20))
    x[:, 60:70] = random.poisson(3.0, size=(rows, 10))
    for feature, count in zip(CATEGORICAL, CATEGORIES):
        x[:, feature] = numpy.minimum(random.geometric(4.0 / count, size=rows) - 1, count - 1)
    risky = [random.random(count) < 0.3 for count in CATEGORIES]
    score = 1.3 * ((x[:, 0] > 0.4) & (x[:, 41] > 0.2)) + 0.8 * (x[:, 21] > 2.0) * (x[:, 61] < 3)
    score += 0.6 * x[:, 1] * x[:, 2] + 2.0 * x[:, 42] - 0.4 * numpy.log(x[:, 22])
    for feature, risk in zip(CATEGORICAL, risky):
        score += 0.9 * risk[x[:, feature].astype(int)]
    score += 0.3 * x[:, 3:13].sum(axis=1) / numpy.sqrt(10)
    label = random.random(rows) < 1.0 / (1.0 + numpy.exp(2.6 - score))
    x[:, 3:60][random.random((rows, 57)) < 0.1] = numpy.nan
    return x.astype(numpy.float32), label.astype(numpy.float32)


def prepare(folder):
    random = numpy.random.default_rng(SEED)
    x, y = data(LEARNED + JUDGED, random)
    rows = numpy.ascontiguousarray(x[LEARNED:])
    x, y = x[:LEARNED], y[:LEARNED]
    names = [f"feature{at}" for at in range(FEATURES)]

    parameters = {
        "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "num_threads": 1, "deterministic": True,
        "seed": SEED, "verbose": -1,
    }
    learned = lightgbm.Dataset(x, y, feature_name=names, categorical_feature=list(CATEGORICAL))
    booster = lightgbm.train(parameters, learned, TREES)
    booster.save_model(str(folder / "lightgbm.txt"))
    with open(folder / "lightgbm.f64", "wb") as file:
        file.write(booster.predict(rows, raw_score=True).astype("<f8").tobytes())
        file.write(booster.predict(rows).astype("<f8").tobytes())

    matrix = xgboost.DMatrix(x, y, feature_names=names)
    parameters = {
        "objective": "binary:logistic", "max_leaves": LEAVES, "max_depth": 0, "grow_policy": "lossguide", "eta": 0.05,
        "nthread": 1, "seed": SEED,
    }
    other = xgboost.train(parameters, matrix, TREES)
    other.save_model(folder / "xgboost.json")
    judged = xgboost.DMatrix(rows, feature_names=names)
    with open(folder / "xgboost.f32", "wb") as file:
        file.write(other.predict(judged, output_margin=True).astype("<f4").tobytes())
        file.write(other.predict(judged).astype("<f4").tobytes())

    rows.tofile(folder / "rows.f32")
    facts = {
        "features": FEATURES, "rows": len(rows), "lightgbm": lightgbm.__version__, "xgboost": xgboost.__version__,
        "numpy": numpy.__version__, "python": sys.version.split()[0],
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return rows


def checked(code):
    if code != 0:
        raise SystemExit("LightGBM's library refused a call")


def fast_call(folder, rows):
    """A function that scores every row once with the single-row fast call, and one that makes as many calls that do
    nearly nothing, with as many arguments."""
    library = lightgbm.basic._LIB
    handle, iterations = ctypes.c_void_p(), ctypes.c_int(0)
    model = str(folder / "lightgbm.txt").encode()
    checked(library.LGBM_BoosterCreateFromModelfile(model, ctypes.byref(iterations), ctypes.byref(handle)))
    fast = ctypes.c_void_p()
    checked(
        library.LGBM_BoosterPredictForMatSingleRowFastInit(
            handle, ctypes.c_int(0), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(0),
            ctypes.c_int32(rows.shape[1]), ctypes.c_char_p(b"num_threads=1"), ctypes.byref(fast),
        )
    )
    length, result = ctypes.c_int64(0), ctypes.c_double(0.0)
    predict = library.LGBM_BoosterPredictForMatSingleRowFast
    predict.argtypes = [ctypes.c_void_p] * 4
    nothing = library.LGBM_BoosterGetLeafValue
    nothing.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    start, stride = rows.ctypes.data, rows.strides[0]
    pointers = [start + at * stride for at in range(len(rows))]
    fast, out, handle = fast.value, ctypes.addressof(result), handle.value
    length = ctypes.addressof(length)
    keep = (result, rows)

    def score():
        for pointer in pointers:
            predict(fast, pointer, length, out)
        return keep

    def idle():
        for _ in pointers:
            nothing(handle, 0, 0, out)
        return keep

    expected = lightgbm.Booster(model_file=str(folder / "lightgbm.txt")).predict(rows[:64])
    for row, pointer in enumerate(pointers[:64]):
        checked(predict(fast, pointer, length, out))
        if result.value != expected[row]:
            raise SystemExit("the fast call does not say what predict says")
    return score, idle, len(pointers)


def micros(work, count):
    before = time.process_time_ns()
    work()
    return (time.process_time_ns() - before) / 1_000 / count


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    score, idle, count = fast_call(folder, prepare(folder))
    print("ready", flush=True)
    for _ in sys.stdin:
        print(micros(score, count), micros(idle, count), flush=True)


main()

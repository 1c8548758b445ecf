"""Golden values of tests/evaluate.rs, by pytrec_eval (trec_eval's own C code) and scikit-learn.

    pip install pytrec_eval-terrier scikit-learn
    python tests/golden/metrics.py

Writes run.txt, qrels.txt, metrics.tsv, areas.tsv and probabilities.tsv beside itself: rankings with ties (of scores
that single precision cannot tell apart too), unjudged and negatively judged suppliers, graded
gains, queries that are only ranked, only judged, or judged with nothing relevant.
"""

import pathlib
import random

import pytrec_eval
import numpy
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

HERE = pathlib.Path(__file__).parent
rng = random.Random(2024)

run, qrels = {}, {}
for number in range(12):
    query = f"q{number:02}"
    firms = [f"f{firm:02}" for firm in range(40)]
    # Few distinct scores, so that most are tied.
    ranked = rng.sample(firms, rng.randint(1, 40))
    run[query] = {firm: rng.randint(0, 8) / 4 for firm in ranked}
    judged = rng.sample(firms, rng.randint(1, 25))
    qrels[query] = {firm: rng.choice([-1, 0, 0, 1, 1, 2, 3]) for firm in judged}
# Equal in single precision, different in double.
run["q12"] = {"a": 1.0, "b": 1.0 + 1e-12, "c": 1.0 - 1e-12, "d": 0.5}
qrels["q12"] = {"a": 1, "d": 1}
run["only_ranked"] = {"a": 1.0, "b": 2.0}
qrels["only_judged"] = {"a": 1, "b": 0}
run["nothing_relevant"] = {"a": 1.0, "b": 2.0}
qrels["nothing_relevant"] = {"a": 0, "b": 0}
run["all_unjudged"] = {"a": 1.0, "b": 2.0}
qrels["all_unjudged"] = {"c": 1}

(HERE / "run.txt").write_text(
    "".join(f"{q} Q0 {d} 0 {s!r} golden\n" for q, ds in run.items() for d, s in ds.items())
)
(HERE / "qrels.txt").write_text(
    "".join(f"{q} 0 {d} {g}\n" for q, ds in qrels.items() for d, g in ds.items())
)

MEASURES = {
    "ndcg@5": "ndcg_cut_5",
    "ndcg@10": "ndcg_cut_10",
    "ndcg@1000": "ndcg",
    "recall@5": "recall_5",
    "recall@10": "recall_10",
    "precision@5": "P_5",
    "precision@10": "P_10",
    "hit@1": "success_1",
    "hit@5": "success_5",
    "mrr": "recip_rank",
    "map": "map",
}
found = pytrec_eval.RelevanceEvaluator(
    qrels, {"ndcg_cut.5,10", "ndcg", "recall.5,10", "P.5,10", "success.1,5", "recip_rank", "map"}
).evaluate(run)
lines = ["query\t" + "\t".join(MEASURES)]
for query in sorted(found):
    lines.append(query + "".join(f"\t{found[query][name]!r}" for name in MEASURES.values()))
(HERE / "metrics.tsv").write_text("\n".join(lines) + "\n")

lines = ["roc_auc\tpr_auc\tscored"]
for case in range(20):
    n = rng.randint(2, 60)
    truth = [1, 0] + [rng.randint(0, 1) for _ in range(n - 2)]
    scores = [rng.randint(-5, 5) / 4 + (0 if case % 2 else rng.random()) for _ in truth]
    scored = ",".join(f"{s!r}:{t}" for s, t in zip(scores, truth))
    lines.append(f"{roc_auc_score(truth, scores)!r}\t{average_precision_score(truth, scores)!r}\t{scored}")
(HERE / "areas.tsv").write_text("\n".join(lines) + "\n")

# Platt's curve by a general minimiser of his loss.
lines = ["isotonic\tslope\toffset\tbrier\tscored"]
for case in range(20):
    n = rng.randint(5, 60)
    scores = [round(rng.gauss(0, 2), 1) for _ in range(n)]
    truth = [int(rng.random() < 1 / (1 + 2.718 ** -s)) for s in scores]
    asked = numpy.arange(-3, 3.25, 0.25)
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(scores, truth).predict(asked)
    targets = numpy.where(truth, (sum(truth) + 1) / (sum(truth) + 2), 1 / (n - sum(truth) + 2))

    def loss(at, x=numpy.array(scores), t=targets):
        z = at[0] * x + at[1]
        return float(numpy.sum(numpy.logaddexp(0, z) - t * z))

    slope, offset = map(float, minimize(loss, [0.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x)
    clipped = [min(max(0.5 + s / 10, 0.0), 1.0) for s in scores]
    cells = [
        ",".join(repr(float(p)) for p in isotonic),
        repr(slope),
        repr(offset),
        repr(float(brier_score_loss(truth, clipped))),
        ",".join(f"{s!r}:{t}" for s, t in zip(scores, truth)),
    ]
    lines.append("\t".join(cells))
(HERE / "probabilities.tsv").write_text("\n".join(lines) + "\n")

"""Optuna for `banyan search`: reads a request a line from stdin and writes an answer a line to stdout, both JSON."""
import json, os, sys, threading, time, warnings
answers, sys.stdout = sys.stdout, sys.stderr  # What a library prints is no answer.
warnings.simplefilter("ignore")
import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.trial import TrialState
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
optuna.logging.set_verbosity(optuna.logging.ERROR)
retry = RetryHeartbeatStaleTrialCallback(inherit_intermediate_values=True)
SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed, constant_liar=True),
    "cma-es": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    "nsga-ii": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
}
running = {}  # The trials of this worker by number: while they are here, their heart beats.


def opened(url, **options):
    # Where several workers find no tables yet, one makes them; the others fail half-way and find them a moment later.
    for wait in [0.1] * 50:
        try:
            return RDBStorage(url, **options)
        except (IntegrityError, OperationalError, ProgrammingError):
            time.sleep(wait)
    return RDBStorage(url, **options)


def open_study(url, name, directions, sampler, seed, prune, points, beat, description):
    global study, storage, sample, beginning
    options = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else None
    storage = opened(url, engine_kwargs=options, heartbeat_interval=beat, grace_period=6 * beat, heartbeat_stale_trial_callback=retry)
    pruner = {"hyperband": lambda: optuna.pruners.HyperbandPruner(1, points), "median": optuna.pruners.MedianPruner,
              None: optuna.pruners.NopPruner}[prune]()
    study = optuna.create_study(storage=storage, study_name=name, directions=directions, pruner=pruner, load_if_exists=True)
    sample, beginning = SAMPLERS[sampler], seed
    if "banyan" not in study.user_attrs:
        study.set_user_attr("banyan", description)
    threading.Thread(target=beat_hearts, args=(beat,), daemon=True).start()
    return study.user_attrs["banyan"]


def beat_hearts(interval):
    while True:
        time.sleep(interval)
        for trial in list(running.values()):
            try:
                storage.record_heartbeat(trial._trial_id)
            except Exception:
                pass  # A store that cannot be reached now is tried again.


def ask(space, note):
    # A draw follows from seed and number alone, so a search that goes on draws what it would have drawn.
    study.sampler = sample(beginning + len(study.get_trials(deepcopy=False)))
    trial = study.ask()
    study.sampler = sample(beginning + trial.number)
    running[trial.number] = trial
    storage.record_heartbeat(trial._trial_id)
    trial.set_user_attr("worker", note)
    for key, [kind, options] in space.items():
        getattr(trial, f"suggest_{kind}")(key, **options)
    return described(storage.get_trial(trial._trial_id))


def enqueue(params, segment):
    study.enqueue_trial(params, user_attrs={"segment": segment})


def report(number, step, values):
    trial = running[number]
    if storage.get_trial(trial._trial_id).state.is_finished():
        return True  # Its heart did not beat, and another worker has taken it.
    curve = {**trial.user_attrs.get("curve", {}), str(step): values}
    trial.set_user_attr("curve", curve)
    if len(study.directions) > 1:
        return False
    trial.report(values[0], step)
    return bool(trial.should_prune())


def tell(number, state, values, notes):
    trial = running.pop(number)
    if storage.get_trial(trial._trial_id).state.is_finished():
        return False  # Another worker's ending counts.
    for key, value in notes.items():
        trial.set_user_attr(key, value)
    study.tell(number, values if state == "COMPLETE" else None, TrialState[state])
    return True


def release(number):
    trial = next(trial for trial in study.get_trials(deepcopy=False) if trial.number == number)
    running.pop(number, None)
    try:
        if storage.set_trial_state_values(trial._trial_id, TrialState.FAIL):
            retry(study, trial)
    except optuna.exceptions.UpdateFinishedTrialError:
        pass


def described(trial):
    ended = trial.datetime_complete
    return {"number": trial.number, "origin": trial.system_attrs.get("failed_trial", trial.number), "state": trial.state.name,
            "params": trial.params, "values": trial.values, "notes": trial.user_attrs,
            "ended": ended and ended.timestamp()}


def trials():
    fail_stale_trials(study)
    return [described(trial) for trial in study.get_trials(deepcopy=False)]


def importance(objective):
    try:
        return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0), target=lambda trial: trial.values[objective])
    except (ValueError, RuntimeError):
        return {}  # Optuna's words for too few trials, and for trials that are all alike.


REQUESTS = {"open": open_study, "ask": ask, "enqueue": enqueue, "report": report, "tell": tell, "release": release, "trials": trials,
            "importance": importance}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"answer": REQUESTS[request.pop("request")](**request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
os._exit(0)  # Its worker has ended: so does every thread.

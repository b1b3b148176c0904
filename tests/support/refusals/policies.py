"""Wrong bounds, expectations, retries and policies."""

from tests.support.crontasks import task
from tests.support.refusals.refusal import Refusal, spec_field

A_STATUS = 'expected a status code from 100 to 599, such as "404", or a range such as "200-299"'


def status_code(text: str, message: str) -> Refusal:
    return spec_field(task(expect={"statusCodes": [text]}), "expect.statusCodes[0]", message)


def retry(path: str, message: str, **fields: object) -> Refusal:
    return spec_field(task(retry=fields), f"retry{path}", message)


REFUSALS = {
    "no time at all": spec_field(
        task(timeoutSeconds=0), "timeoutSeconds", "should be greater than or equal to 1"
    ),
    "more than an hour": spec_field(
        task(timeoutSeconds=3601), "timeoutSeconds", "should be less than or equal to 3600"
    ),
    "a second and a half": spec_field(
        task(timeoutSeconds=1.5), "timeoutSeconds", "must be of type int32"
    ),
    "a status of letters": status_code("abc", f'"abc": {A_STATUS}'),
    "status 99": status_code("99", A_STATUS),
    "status 600": status_code("600", A_STATUS),
    "a range backwards": status_code("299-200", "the range ends before it begins"),
    "a range without an end": status_code("200-", A_STATUS),
    "a status as a number": spec_field(
        task(expect={"statusCodes": [200]}), "expect.statusCodes[0]", "must be of type string"
    ),
    "no status at all": spec_field(
        task(expect={"statusCodes": []}), "expect.statusCodes", "should have at least 1 items"
    ),
    "too many statuses": spec_field(
        task(expect={"statusCodes": [str(code) for code in range(200, 221)]}),
        "expect.statusCodes",
        "must have at most 20 items",
    ),
    "a broken expression": spec_field(
        task(expect={"bodyRegex": "(ok"}), "expect.bodyRegex", "missing closing ): `(ok`"
    ),
    "an expression of Perl": spec_field(
        task(expect={"bodyRegex": "(?=ok)"}), "expect.bodyRegex", "expected a regular expression in"
    ),
    "an expression too long": spec_field(
        task(expect={"bodyRegex": "a" * 4097}), "expect.bodyRegex", "may not be more than 4096"
    ),
    "a negative delay": retry(
        ".delaysSeconds[1]", "greater than or equal to 0", delaysSeconds=[1, -1]
    ),
    "a delay of more than a day": retry(
        ".delaysSeconds[0]", "less than or equal to 86400", delaysSeconds=[86401]
    ),
    "too many delays": retry(".delaysSeconds", "at most 20 items", delaysSeconds=[1] * 21),
    "delays and backoff": retry(
        "", "set only one of delaysSeconds and backoff; found both", delaysSeconds=[1], backoff={}
    ),
    "a first delay over the longest": retry(
        ".backoff.initialSeconds",
        "must not be greater than maxSeconds",
        backoff={"initialSeconds": 301},
    ),
    "no first delay": retry(
        ".backoff.initialSeconds", "or equal to 1", backoff={"initialSeconds": 0}
    ),
    "a longest delay of more than a day": retry(
        ".backoff.maxSeconds", "or equal to 86400", backoff={"maxSeconds": 86401}
    ),
    "a factor that shrinks": retry(
        ".backoff.factor", "greater than or equal to 1", backoff={"factor": 0.5}
    ),
    "a factor too large": retry(
        ".backoff.factor", "less than or equal to 10", backoff={"factor": 11}
    ),
    "no attempts": retry(".backoff.attempts", "or equal to 1", backoff={"attempts": 0}),
    "too many attempts": retry(".backoff.attempts", "or equal to 20", backoff={"attempts": 21}),
    "an unknown reason": retry(
        ".retryOn[0]",
        "expected UnexpectedStatus, BodyMismatch, Timeout, ConnectionError, GrpcError",
        retryOn=["timeout"],
    ),
    "a reason that retries cannot cure": retry(
        ".retryOn[0]", "expected UnexpectedStatus, BodyMismatch", retryOn=["Replaced"]
    ),
    "a retry range backwards": retry(
        ".retryOn[1]", "the range ends before it begins", retryOn=["429", "599-500"]
    ),
    "too much to retry on": retry(".retryOn", "at most 20 items", retryOn=["429"] * 21),
    "no total time": retry(".maxTotalSeconds", "or equal to 1", maxTotalSeconds=0),
    "too much total time": retry(".maxTotalSeconds", "or equal to 604800", maxTotalSeconds=604801),
    "a negative deadline": spec_field(
        task(startingDeadlineSeconds=-1), "startingDeadlineSeconds", "or equal to 0"
    ),
    "a deadline of more than a week": spec_field(
        task(startingDeadlineSeconds=604801), "startingDeadlineSeconds", "or equal to 604800"
    ),
    "an unknown missed-run policy": spec_field(
        task(missedRunPolicy="Some"), "missedRunPolicy", '"Latest", "Skip", "All"'
    ),
    "an unknown concurrency policy": spec_field(
        task(concurrencyPolicy="Queue"), "concurrencyPolicy", '"Allow", "Forbid", "Replace"'
    ),
    "a history of 101": spec_field(
        task(historyLimit=101), "historyLimit", "should be less than or equal to 100"
    ),
    "a history below none": spec_field(
        task(historyLimit=-1), "historyLimit", "should be greater than or equal to 0"
    ),
    "a negative time to live": spec_field(
        task(ttlSecondsAfterFinished=-1), "ttlSecondsAfterFinished", "or equal to 0"
    ),
    "a time to live of more than a year": spec_field(
        task(ttlSecondsAfterFinished=31536001), "ttlSecondsAfterFinished", "or equal to 31536000"
    ),
}

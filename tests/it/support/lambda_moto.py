#!/usr/bin/env python3
"""moto with Lambda functions that really run: a zip with a `bootstrap` is unpacked and spoken to by the Lambda Runtime API.

    lambda_moto.py PORT

moto runs functions in Docker only. This replaces the one method that does, `LambdaFunction._invoke_lambda`, so every way
into a function works: Invoke, Step Functions, EventBridge, and functions that CloudFormation made. What is as on AWS:

- one environment serves one invocation at a time and is kept for the next one (warm); more run side by side
- deadline, request id, ARN and memory reach the function as headers and environment variables
- over `Timeout`: the process is killed, the answer is the error `Sandbox.Timedout` (FunctionError: Unhandled)
- a crash: `Runtime.ExitError`; an error that the function reports: its own errorType; over 6 MiB: Function.ResponseSizeTooLarge
- `Event` invocations are answered at once and tried again twice after errors (at once, not after 1 and 2 minutes)
- reserved concurrency: one more is throttled by 429 TooManyRequestsException
- a /tmp of its own per environment (TMPDIR; HOME is read-only on AWS and here does not exist)
- the environment has nothing of the caller's but PATH

Not as on AWS: no memory limit, no share of the processor by memory, /tmp has no size, no layers, no extensions, no IAM.
"""
import base64, http.server, io, json, logging, os, queue, shutil, signal, subprocess, sys, tempfile, threading, time, uuid, zipfile

ROOT = tempfile.mkdtemp(prefix="lambda-moto-")
code, code_lock = {}, threading.Lock()
# By the access key of their credentials, so that a request tells which environment it comes from.
environments = {}


def unpacked(function):
    """The folder of the function's code: /var/task, the same for all its environments."""
    with code_lock:
        if function.code_sha_256 not in code:
            folder = tempfile.mkdtemp(prefix="task-", dir=ROOT)
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as package:
                for entry in package.infolist():
                    path = package.extract(entry, folder)
                    if (entry.external_attr >> 16) & 0o111:
                        os.chmod(path, 0o755)
            code[function.code_sha_256] = folder
        return code[function.code_sha_256]


class Environment:
    """One execution environment: a process, and the server of its Runtime API."""

    def __init__(self, function):
        self.function, self.events, self.answers = function, queue.Queue(), queue.Queue()
        self.ready, self.ended, self.invocations, self.peak = threading.Event(), threading.Event(), 0, 0
        self.root = tempfile.mkdtemp(prefix="environment-", dir=ROOT)
        self.task, self.tmp = unpacked(function), os.path.join(self.root, "tmp")
        os.makedirs(self.tmp)
        outer = self

        class Api(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            log_message = lambda *_: None

            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
                    self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    body = b""
                    while size := int(self.rfile.readline().split(b";")[0], 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                    return body
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def do_GET(self):  # …/runtime/invocation/next, or …/extension/event/next, which here says nothing until the end
                if "/extension/" in self.path:
                    outer.ended.wait()
                    return self.answer(200, b'{"eventType":"SHUTDOWN","shutdownReason":"SPINDOWN","deadlineMs":0}')
                outer.ready.set()
                request = outer.events.get()
                if request is None:
                    return self.answer(410)
                self.answer(200, request["body"], Lambda_Runtime_Aws_Request_Id=request["id"],
                            Lambda_Runtime_Deadline_Ms=request["deadline"], Lambda_Runtime_Invoked_Function_Arn=function.function_arn,
                            Lambda_Runtime_Trace_Id="Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")

            def do_POST(self):
                body = self.body()
                if "/extension/" in self.path:  # an internal extension: with one, AWS sends SIGTERM before the end
                    return self.answer(200, b'{"functionName":"","functionVersion":"$LATEST","handler":""}', Lambda_Extension_Identifier=uuid.uuid4())
                what = self.path.split("/runtime/")[1]
                if what == "init/error":
                    outer.answers.put((None, "error", body))
                else:  # invocation/<id>/response or /error
                    _, request, kind = what.split("/")
                    outer.answers.put((request, kind, body))
                self.answer(202, b'{"status":"OK"}')

        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.api.daemon_threads = True
        self.api.handle_error = lambda *_: None  # a process that was killed hangs up
        threading.Thread(target=self.api.serve_forever, daemon=True).start()
        self.began = time.monotonic()
        self.log = open(os.path.join(self.root, "log"), "ab+")
        given = credentials(function)
        self.access_key = given["AWS_ACCESS_KEY_ID"]
        environments[self.access_key] = self
        with code_lock:  # a child forked while another thread writes a program keeps that open: "text file busy"
            self.process = subprocess.Popen(
                [os.path.join(self.task, "bootstrap")], cwd=self.task, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True, env={
                "PATH": os.environ["PATH"], "TZ": ":UTC", "LANG": "en_US.UTF-8", "TMPDIR": self.tmp, "LAMBDA_TASK_ROOT": self.task,
                "_HANDLER": function.handler or "bootstrap", "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": function.function_name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size), "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name, "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
                "AWS_REGION": function.region, "AWS_DEFAULT_REGION": function.region, "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
                **given, **endpoint(function), **{name: str(value) for name, value in (function.environment_vars or {}).items()}})

    def invoke(self, body, timeout):
        request, mark = str(uuid.uuid4()), self.log.seek(0, 2)
        self.invocations += 1
        deadline = time.time() + timeout
        self.events.put({"id": request, "body": body, "deadline": int(deadline * 1000)})
        result = None
        while result is None:
            try:
                answered, kind, payload = self.answers.get(timeout=0.02)
                if answered in (request, None):
                    result = (payload, "Unhandled" if kind == "error" else None)
            except queue.Empty:
                if time.time() > deadline:
                    self.stop(signal.SIGKILL)
                    result = (error("Sandbox.Timedout", f"RequestId: {request} Error: Task timed out after {timeout:.2f} seconds"), "Unhandled")
                elif self.process.poll() is not None and self.answers.empty():
                    code = self.process.returncode
                    self.stop(signal.SIGKILL)
                    result = (error("Runtime.ExitError", f"RequestId: {request} Error: Runtime exited with error: exit status {code}"), "Unhandled")
        if len(result[0]) > 6 * 1024 * 1024:
            result = (error("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."), "Unhandled")
        self.used, self.peak = time.monotonic(), max(self.peak, peak(self.process.pid))
        self.log.seek(mark)  # the file may be unlinked by now, the descriptor lives
        return *result, self.log.read().decode(errors="replace")

    @property
    def alive(self):
        return self.process.poll() is None

    def stop(self, how=signal.SIGTERM):
        if self.alive:
            try:
                os.killpg(self.process.pid, how)  # its own session: nobody else's processes
            except ProcessLookupError:
                pass
        self.ended.set()
        self.events.put(None)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(2)
        self.api.shutdown()
        self.api.server_close()
        shutil.rmtree(self.root, ignore_errors=True)


def error(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def endpoint(function):
    """moto itself, unless the function has a proxy that stands for the hosts of AWS."""
    return {} if "HTTPS_PROXY" in (function.environment_vars or {}) else {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['MOTO_PORT']}"}


def credentials(function):
    """Credentials of the function's role, as moto's own STS makes them: so the account of the caller is right."""
    from moto.sts.models import sts_backends
    from moto.utilities.utils import get_partition
    role = sts_backends[function.account_id][get_partition(function.region)].assume_role(
        region_name=function.region, role_session_name=function.function_name, role_arn=function.role, policy=None, duration=3600, external_id=None)
    return {"AWS_ACCESS_KEY_ID": role.access_key_id, "AWS_SECRET_ACCESS_KEY": role.secret_access_key, "AWS_SESSION_TOKEN": role.session_token}


idle, busy, lock = {}, {}, threading.Lock()


def run(function, body):
    """One invocation: (payload, function error or None, log)."""
    key = (function.function_arn, function.code_sha_256, json.dumps(function.environment_vars, sort_keys=True), function.memory_size)
    with lock:
        limit = function.reserved_concurrency
        if limit is not None and busy.get(function.function_arn, 0) >= int(limit):
            raise Throttled()
        busy[function.function_arn] = busy.get(function.function_arn, 0) + 1
        waiting = idle.setdefault(key, [])
        environment = waiting.pop() if waiting else None
    try:
        if environment is None or not environment.alive:
            environment = Environment(function)
        result = environment.invoke(body, float(function.timeout))
        if environment.alive:
            with lock:
                idle[key].append(environment)
        return result
    finally:
        with lock:
            busy[function.function_arn] -= 1


from moto.core.exceptions import JsonRESTError  # noqa: E402


class Throttled(JsonRESTError):
    code = 429

    def __init__(self):
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


def install():
    from moto.awslambda.models import LambdaFunction

    def invoke(self, body, request_headers, response_headers):
        body = body if isinstance(body, bytes) else (body or "{}").encode()
        if len(body) > 6 * 1024 * 1024:
            raise JsonRESTError("RequestTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation")
        if request_headers.get("X-Amz-Invocation-Type") == "Event":
            def attempts():
                for _ in range(3):
                    try:
                        if run(self, body)[1] is None:
                            return
                    except Throttled:
                        time.sleep(0.1)
            threading.Thread(target=attempts, daemon=True).start()
            return b""
        payload, failed, log = run(self, body)
        self.logs_backend.ensure_log_group(self.logs_group_name)
        if log:
            self.save_logs(log)
        if failed:
            response_headers["x-amz-function-error"] = failed
        response_headers["x-amz-log-result"] = base64.b64encode(log.encode()[-4096:]).decode()
        return payload

    def invoke_lambda(self, event=None):  # EventBridge, SNS, SQS
        payload, failed, log = run(self, (event if isinstance(event, str) else json.dumps(event or {})).encode())
        return payload.decode(), failed is not None, log

    LambdaFunction.invoke, LambdaFunction._invoke_lambda = invoke, invoke_lambda
    # Terraform asks for this before it makes a machine.
    from moto.core.responses import ActionResult
    from moto.stepfunctions.parser.models import StepFunctionsParserBackend
    from moto.stepfunctions.responses import StepFunctionResponse

    def validate(self):
        try:
            StepFunctionsParserBackend._validate_definition(self._get_param("definition"))
            return ActionResult({"result": "OK", "diagnostics": []})
        except Exception as error:
            return ActionResult({"result": "FAIL", "diagnostics": [{"severity": "ERROR", "code": "INVALID", "message": str(error)[:500]}]})
    StepFunctionResponse.validate_state_machine_definition = validate
    StepFunctionResponse.list_state_machine_versions = lambda self: ActionResult({"stateMachineVersions": []})
    # CloudFormation makes state machines in the backend that does not run them.
    import moto.stepfunctions.models as machines
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends
    machines.stepfunctions_backends = stepfunctions_parser_backends
    # … and knows `DefinitionString` only.
    made = machines.StateMachine.create_from_cloudformation_json.__func__

    def create(cls, resource_name, cloudformation_json, *rest, **more):
        properties = cloudformation_json["Properties"]
        text = properties.get("DefinitionString") or json.dumps(properties["Definition"])
        for name, value in properties.get("DefinitionSubstitutions", {}).items():
            text = text.replace(f"${{{name}}}", str(value))
        return made(cls, resource_name, {**cloudformation_json, "Properties": {**properties, "DefinitionString": text}}, *rest, **more)
    machines.StateMachine.create_from_cloudformation_json = classmethod(create)


def serve(port, wrap=lambda application: application):
    """Runs the server until the process ends. `wrap` can add a layer that sees every request."""
    os.environ["MOTO_PORT"] = str(port)
    from moto.core.config import default_user_config
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, run_simple
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    install()
    WSGIRequestHandler.log_request = lambda *_: None
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, wrap(DomainDispatcherApplication(create_backend_app)), threaded=True)


def peak(pid):
    """The peak memory of a process in KiB."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0


def largest_process():
    """The largest peak memory of a process, in KiB."""
    return max(environment.peak for environment in environments.values())


def count_invocations():
    return sum(environment.invocations for environment in environments.values())


def kill_all():
    """Kills all processes of functions, as if their machines failed."""
    for environment in list(environments.values()):
        if environment.alive:
            try:
                os.killpg(environment.process.pid, signal.SIGKILL)
                environment.process.wait(5)
            except ProcessLookupError:
                pass


def stop_all():
    """Ends all processes of functions."""
    for environment in list(environments.values()):
        environment.stop(signal.SIGKILL)
    shutil.rmtree(ROOT, ignore_errors=True)


if __name__ == "__main__":
    try:
        serve(int(sys.argv[1]))
    except KeyboardInterrupt:
        stop_all()

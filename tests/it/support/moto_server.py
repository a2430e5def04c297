"""Runs moto as a server for one test process.

Binds a free loopback port, fills three accounts (seed.py), or those of the estate (estate.py), or none, if its argument says so, prints one
line of JSON with the port and the expected verdicts, and exits when its standard input is closed: however the tests end, no server is left running.
"""

import json
import logging
import os
import sys
import threading

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

import estate
import seed
import seed_organization


def main():
    log = logging.getLogger("werkzeug")
    log.setLevel(logging.ERROR)
    # Some tests make calls that moto does not support.
    log.addFilter(lambda record: "NotImplementedError" not in record.getMessage())
    server = make_server(
        "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True, request_handler=MotoRequestHandler
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    if sys.argv[1:] == ["estate"]:
        filled = estate.seed(endpoint)
    elif sys.argv[1:] == ["blank"]:
        filled = {}
    else:
        filled = {"verdicts": seed.seed(endpoint), "units": seed_organization.seed(endpoint)}
    # Only this line is written to the real standard output.
    print(json.dumps({"port": server.server_port, **filled}), flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    # Do not wait for threads that are still handling requests.
    os._exit(0)


main()

"""An application with connections: echoes what it gets. Prints each error it sees, one a line."""
import os, signal, socket, sys, threading


def serve(connection):
    try:
        while data := connection.recv(65536):
            connection.sendall(data)
    except OSError as error:
        print("error", repr(error), flush=True)
    connection.close()


def listen(family, address, port):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(64)
    return listener


def accept(listener):
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


listeners = [listen(socket.AF_INET, "0.0.0.0", 7001), listen(socket.AF_INET6, "::", 7000)]
for listener in listeners:
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
if "fork" in sys.argv:
    # A child that shares the listeners, and sleeps.
    if os.fork() == 0:
        signal.pause()
print("ready", flush=True)
signal.pause()

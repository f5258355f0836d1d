"""Writes a container image as a docker-archive, from Debian's static busybox and programs and files of this machine.

    make_image.py OUT.tar TAG [--file HOST[:DEST]]... [--tree HOST:DEST]... [--link TARGET:PATH]...
                  [--user UID[:GID]] [-- COMMAND ARGUMENT...]

--file   a file; for a dynamically linked program the shared libraries that ldd names come along
--tree   all files below a folder
--link   a symbolic link

Nothing is written when OUT.tar was made from the same inputs: same options, and files of the same size and time.
"""
import argparse
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import tarfile

BUSYBOX = "/bin/busybox"
ACCOUNTS = """\
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/tmp:/bin/sh
nonroot:x:65532:65532:nonroot:/tmp:/bin/sh
"""
NAME_SERVICES = "passwd: files\nhosts: files dns\n"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def main():
    options = parse(sys.argv[1:])
    contents = collect(options)
    inputs = digest_of_inputs(options, contents)
    record = options.out + ".inputs"
    if os.path.exists(options.out) and read(record) == inputs:
        return
    os.makedirs(os.path.dirname(os.path.abspath(options.out)), exist_ok=True)
    # Renamed into place, so that nobody reads half an image.
    unfinished = f"{options.out}.{os.getpid()}"
    write_archive(unfinished, options, layer_of(contents))
    os.replace(unfinished, options.out)
    with open(record, "w") as file:
        file.write(inputs)


def parse(arguments):
    command = ["sh"]
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, command = arguments[:cut], arguments[cut + 1:]
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("out")
    parser.add_argument("tag")
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--link", action="append", default=[])
    parser.add_argument("--user", default="")
    options = parser.parse_args(arguments)
    options.command = command
    return options


def collect(options):
    """The image's files by path: ("folder", mode), ("link", target), ("text", content) or ("file", path here)."""
    contents = {}
    for path, mode in {"tmp": 0o1777, "proc": 0o755, "sys": 0o755, "dev": 0o755, "var": 0o755, "root": 0o755}.items():
        contents[path] = ("folder", mode)
    contents["etc/passwd"] = ("text", ACCOUNTS)
    contents["etc/nsswitch.conf"] = ("text", NAME_SERVICES)
    add_busybox(contents)
    for entry in options.file:
        host, _, path = entry.partition(":")
        add_program(contents, host, path or host)
    for entry in options.tree:
        host, _, path = entry.partition(":")
        add_tree(contents, host, path)
    for entry in options.link:
        target, _, path = entry.partition(":")
        contents[path.strip("/")] = ("link", target)
    return contents


def add_busybox(contents):
    contents["bin/busybox"] = ("file", BUSYBOX)
    for applet in subprocess.check_output([BUSYBOX, "--list"], text=True).split():
        if applet != "busybox":
            contents["bin/" + applet] = ("link", "busybox")


def add_program(contents, host, path):
    contents[path.strip("/")] = ("file", host)
    for library in shared_libraries(host):
        contents[library.strip("/")] = ("file", library)


def shared_libraries(program):
    # ldd fails for whatever is no dynamically linked program: that needs no libraries.
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return re.findall(r"(?:=> )?(/\S+) \(0x", listed)


def add_tree(contents, host, path):
    for folder, _, files in os.walk(host):
        for name in files:
            inside = os.path.normpath(os.path.join(path, os.path.relpath(folder, host), name))
            contents[inside.strip("/")] = ("file", os.path.join(folder, name))


def digest_of_inputs(options, contents):
    inputs = [read(__file__), options.tag, options.user, options.command]
    for path, (kind, value) in sorted(contents.items()):
        if kind == "file":
            status = os.stat(value)
            value = [value, status.st_mode, status.st_size, status.st_mtime_ns]
        inputs.append([path, kind, value])
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def layer_of(contents):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for folder in folders_around(contents):
            tar.addfile(tar_folder(folder, 0o755))
        for path, (kind, value) in sorted(contents.items()):
            add_to_layer(tar, path, kind, value)
    return out.getvalue()


def folders_around(contents):
    folders = set()
    for path in contents:
        while path := os.path.dirname(path):
            folders.add(path)
    return sorted(folders - contents.keys())


def add_to_layer(tar, path, kind, value):
    if kind == "folder":
        tar.addfile(tar_folder(path, value))
    elif kind == "link":
        info = tarfile.TarInfo(path)
        info.type = tarfile.SYMTYPE
        info.linkname = value
        tar.addfile(info)
    elif kind == "text":
        add_bytes(tar, path, value.encode())
    else:
        info = tarfile.TarInfo(path)
        info.size = os.stat(value).st_size
        # Readable by any user of the image, whatever the umask here was.
        info.mode = os.stat(value).st_mode & 0o777 | 0o444
        with open(value, "rb") as file:
            tar.addfile(info, file)


def tar_folder(path, mode):
    info = tarfile.TarInfo(path)
    info.type = tarfile.DIRTYPE
    info.mode = mode
    return info


def add_bytes(tar, path, content):
    info = tarfile.TarInfo(path)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def write_archive(out, options, layer):
    layer_digest = hashlib.sha256(layer).hexdigest()
    layer_path = layer_digest + "/layer.tar"
    machine = platform.machine()
    config = json.dumps({
        "architecture": ARCHITECTURES.get(machine, machine),
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + layer_digest]},
        "config": {
            "Cmd": options.command,
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
            "User": options.user,
        },
    }).encode()
    config_path = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": config_path, "RepoTags": [options.tag], "Layers": [layer_path]}]
    with tarfile.open(out, "w") as tar:
        add_bytes(tar, config_path, config)
        add_bytes(tar, layer_path, layer)
        add_bytes(tar, "manifest.json", json.dumps(manifest).encode())


main()

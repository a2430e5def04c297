"""The ports of internal services: TCP, and UDP if any."""

SERVICES = {
    "ssh": ([22], []),
    "rdp": ([3389], []),
    "telnet": ([23], []),
    "ftp": ([20, 21], []),
    "netbios": ([137, 138, 139], [137, 138, 139]),
    "rpc": ([135], []),
    "smtp": ([25], []),
    "dns": ([53], [53]),
    "snmp": ([], [161]),
    "ldap": ([389, 636], []),
    "kerberos": ([88, 464, 749, 750], [88, 464, 749, 750]),
    "mysql": ([3306], []),
    "postgresql": ([5432], []),
    "mssql": ([1433, 1434], [1434]),
    "oracle": ([1521, 1522, 2483, 2484], []),
    "mongodb": ([27017, 27018], []),
    "redis": ([6379], []),
    "memcached": ([11211], [11211]),
    "elasticsearch": ([9200, 9300, 5601], []),
    "kafka": ([9092], []),
    "cassandra": ([7000, 7001, 7199, 8888, 9042, 9160], []),
    "docker": ([2375, 2376], []),
    "hadoop": ([8020, 50070, 50470], []),
    "salt": ([4505, 4506], []),
    "vnc": ([5500, 5900], []),
    "internal_web": ([8080, 8088, 3000, 5000], []),
}

# Those that are looked for on instances.
ON_INSTANCES = {
    name: SERVICES[name]
    for name in [
        "ssh", "rdp", "telnet", "ftp", "ldap", "kerberos", "mysql", "postgresql", "mssql", "oracle", "mongodb", "redis", "memcached",
        "elasticsearch", "kafka", "cassandra",
    ]
} | {"smb": ([139, 445], [])}


def probes(ports):
    """The protocol and port of each port."""
    tcp, udp = ports
    return [("tcp", port) for port in tcp] + [("udp", port) for port in udp]

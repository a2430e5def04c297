//! User data that contains a secret.

pub(super) const WITH_SECRETS: [&str; 145] = [
    r#"New-Service -Name backup -Password "Wint3r2026!x""#,
    r#"Register-ScheduledTask -TaskName x -User "acme\svc" -Password 'Wint3r2026!x'"#,
    r#"Invoke-Sqlcmd -ServerInstance db -Username sa -DbPassword "Wint3r2026!x""#,
    r#"Connect-Service -PASSWORD "Wint3r2026!x""#,
    r#"Connect-Service -ApiKey "q8Zr2LxV0tYw7Nf3Kd9H""#,
    "export DB_PASSWORD_STAGING=changeme",
    "REDIS_PASSWORD_2='hunter2'",
    r#"{"adminPasswordDev": "hunter2"}"#,
    "slackTokenProd: xq8Zr2LxV0tYw7N",
    "PASSWORD_HASH=5f4dcc3b5aa765d61d8327deb882cf99",
    "CLIENT_SECRET_VALUE=correct-horse-battery",
    "client_secret: prod-db-credentials",
    "DB_SECRET=q8Zr2LxV0tYw7Nf3",
    "APP_SECRET=hunter2",
    "JWT_SECRET=my-super-secret-phrase",
    r#""environment": [
  {
    "name": "DB_PASSWORD",
    "value": "hunter2"
  }
]"#,
    r#""environment": [{"value": "hunter2", "name": "DB_PASSWORD"}]"#,
    r#"echo "{\"name\": \"API_TOKEN\", \"value\": \"hunter22\"}" > task.json"#,
    r"env:
  - name: SMTP_PASS
    value: hunter2",
    r#"env:
  - value: "hunter2"
    name: SMTP_PASS"#,
    "env: [{name: DB_PASSWORD, value: hunter2}]",
    r#"[{"ParameterKey":"DBPassword","ParameterValue":"hunter2"}]"#,
    r#"[{"OptionName": "RDS_PASSWORD", "Value": "hunter2"}]"#,
    "$e = @{ name = 'DB_PASSWORD'; value = 'hunter2' }",
    r#"<environmentVariable name="DB_PASSWORD_PROD" value="hunter2" />"#,
    "ldap_default_authtok = hunter2",
    "GRUBPW: hunter2",
    "vncpass=hunter2",
    "pre_shared_key = q8Zr2LxV0tYw7Nf3Kd9H",
    "DATADOG_KEY=0123456789abcdef0123456789abcdef",
    r#"aws ssm put-parameter --name /app/db/password --type SecureString --value "hunter2" --overwrite"#,
    r"aws ssm put-parameter --name /app/key \
  --value hunter2 \
  --type SecureString",
    "aws secretsmanager create-secret --name app --secret-string hunter2",
    "java -jar agent.jar -url https://ci -secret 0123456789abcdef0123456789abcdef -name a",
    "./wsadmin.sh -conntype SOAP -user admin -password hunter2",
    "mongodump --uri mongodb://db -u backup -p hunter2 --out /b",
    "ldapsearch -x -D cn=admin -w hunter2 -b dc=example",
    "7za a -phunter2 -mhe=on backup.7z /data",
    "zip -P hunter2 -r a.zip /data",
    r#"net ads join -U "admin%hunter2""#,
    r"SCHTASKS /Create /SC ONSTART /TN boot /TR c:\boot.cmd /RU CORP\svc /RP hunter2",
    r"netdom.exe join web1 /domain:corp /userd:CORP\svc /PasswordD:hunter2",
    "net user /add deploy hunter2",
    "expdp system/hunter2@orcl full=y",
    r"sudo passwd ubuntu <<EOF
hunter2
hunter2
EOF",
    r#"kinit admin@EXAMPLE.COM <<< "hunter2""#,
    r#"#cloud-config
chpasswd: { list: ["a:RANDOM", "root:hunter2"], expire: False }"#,
    r#"#cloud-config
chpasswd:
  expire: false
  list:
    - ubuntu:RANDOM
    - "root:hunter2""#,
    r"db:
  admin_password: |
    hunter2",
    r#"[Environment]::SetEnvironmentVariable("DB_PASSWORD_PROD", "hunter2", "Machine")"#,
    "setx API_KEY_DATADOG 0123456789abcdef0123456789abcdef /M",
    "ENV DB_PASSWORD hunter2",
    "set -gx DB_PASSWORD hunter2",
    r#"SET PASSWORD FOR root@localhost = PASSWORD("hunter2");"#,
    r"<UserAccounts><AdministratorPassword>
  <Value>SHVudGVyMg==</Value>
</AdministratorPassword></UserAccounts>",
    r#"sed -i "s/^password=.*/password=hunter2/" /etc/app.conf"#,
    r#"sed -i "s|redis://:PASSWORD@|redis://:hunter2@|" .env"#,
    r#"SECRET=prod-db
X=$(aws secretsmanager get-secret-value --secret-id "$SECRET")
DB_PASSWORD=hunter2"#,
    "bindpw hunter2",
    "rootpw --plaintext hunter2",
    "az login --service-principal -u $ID -p q8Zr2LxV0tYw7Nf3~ --tenant $T",
    "npm config set //registry.npmjs.org/:_authToken=01234567-89ab-cdef-0123-456789abcdef",
    "ngrok authtoken 2abcDEF3ghiJKL4mnoPQR_5stuVWX6yz",
    "git clone https://0123456789abcdef0123456789abcdef01234567@gitlab.example.com/a/b.git",
    "AZURE_STORAGE_KEY=q8Zr2LxV0tYw7Nf3Kd9Hs5Bm1Jc6Ga4Pq8Zr2LxV0tYw7Nf3Kd9Hs5Bm1Jc6Ga4Pq8Zr2LxV0tYw7Nf3Kd9Hs5==",
    r#"curl -sf --proxy-user "svc:hunter2" https://x"#,
    "DB_PASSWORD=${DB_PASSWORD_PROD:-hunter2}",
    r#"db_passwords=("hunter2hunter2" "x")"#,
    "sqlplus -s app/hunter2@//db:1521/orcl",
    "enroll --install-token-prod=q8Zr2LxV0tYw7N",
    "mysql::server::root_password: 'hunter2'",
    "mysql::server::root_password: hunter2",
    r"SECRET=Xk29sLm0pq7
login --approle-secret-id $SECRET",
    "DB_PASSWORD_PROD=Xk29sLm0pq7",
    "PASSWORD1=Xk29sLm0pq7",
    "API_KEY_DATADOG=0123456789abcdef0123456789abcdef",
    "java -jar agent.jar -jnlpUrl https://ci/computer/a/jenkins-agent.jnlp -secret 3c1f5bde0f1a4f7e9d2b6c8a0e4f6a8b3c1f5bde0f1a4f7e9d2b6c8a0e4f6a8b -workDir /var/j",
    "mongosh -u admin -p hunter22 --authenticationDatabase admin",
    r#"mongo admin -u root -p Sup3rS3cret --eval "db.x()""#,
    r#"ldapadd -x -D "cn=admin,dc=example,dc=com" -w hunter22 -f x.ldif"#,
    "unzip -P hunter22 secrets.zip",
    "7z x -phunter22 archive.7z",
    "az login --service-principal -u 0000 -p Xk29sLm0pq7~ --tenant t",
    "oc login -u admin -p hunter22 https://api:6443",
    "smbclient //fs/share -U svc%hunter22 -c ls",
    "schtasks /create /tn x /tr y /sc onstart /ru svc /rp hunter22",
    "<AutoLogon><Password><Value>hunter22</Value><PlainText>true</PlainText></Password></AutoLogon>",
    r"<AdministratorPassword>
  <Value>Sup3rS3cret!</Value>
  <PlainText>true</PlainText>
</AdministratorPassword>",
    "htpasswd -c -b /etc/nginx/.htpasswd admin hunter22",
    "ROOTPW=hunter22",
    r#"DBPW="hunter22""#,
    "SMTPPASS=hunter22",
    "rootpw --plaintext hunter22",
    "git clone https://0123456789abcdef0123456789abcdef01234567@github.com/org/repo.git",
    "npm config set //registry.npmjs.org/:_authToken 0123abcd-0123-abcd-0123-0123456789ab",
    r#"export AZURE_STORAGE_KEY="q8Zr2LxV0tYw7Nf3Kd9Hs5Bm1Jc6Ga4Pq8Zr2LxV0tYw7Nf3Kd9Hs5Bm1Jc6Ga4Pq8Zr2LxV0tYw7Nf3Kd9Hs5==""#,
    "sqlplus system/Hunter2Hunter2@orcl @x.sql",
    "url=jdbc:oracle:thin:scott/t1gerT1ger@//h:1521/x",
    r#"env:
- name: DB_PASSWORD
  value: "hunter22""#,
    r#"export MYSQL_PASSWORD_APP="Xk29sLm0pq7""#,
    "password_prod: Xk29sLm0pq7",
    r#"{"passwordProd": "Xk29sLm0pq7"}"#,
    r#"$password2 = "Xk29sLm0pq7""#,
    "DB_PASSWORD_VALUE=Xk29sLm0pq7",
    "password_plain=Xk29sLm0pq7",
    "ADMINPW=Xk29sLm0pq7",
    "dbpw: Xk29sLm0pq7",
    r#"rootPw="Xk29sLm0pq7""#,
    "REDISPASS=Xk29sLm0pq7",
    "MAILPASS=Xk29sLm0pq7",
    "LDAPPASS=Xk29sLm0pq7",
    "bindpw Xk29sLm0pq7",
    "bindpw=Xk29sLm0pq7",
    "ldap_default_authtok = Xk29sLm0pq7",
    "ngrok config add-authtoken 2abcDEF3ghiJKL4mnoPQR_5stuVWX6yz",
    "vault login s.Xk29sLm0pq7abcdEFGH1234ab",
    r#"curl -s -u "admin":"Xk29sLm0pq7" https://x"#,
    "curl --proxy-user bob:Xk29sLm0pq7 https://x",
    "curl -x http://p:3128 -U bob:Xk29sLm0pq7 https://x",
    "htpasswd -cB -b /etc/x admin Xk29sLm0pq7",
    r#"passwd --stdin root <<< "Xk29sLm0pq7""#,
    r"passwd root <<EOF
Xk29sLm0pq7
Xk29sLm0pq7
EOF",
    "net ads join -U admin%Xk29sLm0pq7",
    r#"realm join -U admin example.com <<< "Xk29sLm0pq7""#,
    "kinit admin <<< Xk29sLm0pq7",
    "SSHPASS=Xk29sLm0pq7 sshpass -e ssh h",
    r"mysql -uroot <<EOF
SET PASSWORD FOR 'root'@'localhost' = PASSWORD('Xk29sLm0pq7');
EOF",
    "SET PASSWORD FOR 'root'@'localhost' = 'Xk29sLm0pq7';",
    "cqlsh -u a -p Xk29sLm0pq7",
    "influx -username a -password Xk29sLm0pq7",
    "java -jar x.jar -password Xk29sLm0pq7",
    "wsadmin.sh -user a -password Xk29sLm0pq7",
    "net user /add bob Xk29sLm0pq7",
    "netdom join %COMPUTERNAME% /domain:x /userd:a /passwordd:Xk29sLm0pq7",
    r"psexec \\h -u a -p Xk29sLm0pq7 cmd",
    r#"#cloud-config
chpasswd: {list: ["root:Xk29sLm0pq7"], expire: false}"#,
    r#"{"name":"DB_PASSWORD","value":"Xk29sLm0pq7"}"#,
    r#"[{"Name": "API_KEY", "Value": "Xk29sLm0pq7abc"}]"#,
    r"db:
  password: >-
    Xk29sLm0pq7",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    "set -x DB_PASSWORD Xk29sLm0pq7",
    "setenv DB_PASSWORD Xk29sLm0pq7",
    "ENV DB_PASSWORD Xk29sLm0pq7",
    r#"read -r PASSWORD <<< "Xk29sLm0pq7""#,
    r#"PASSWORDS=("Xk29sLm0pq7" "Yk29sLm0pq7")"#,
];

use std::io::Write;

use super::*;

mod with_secrets;
mod without_secrets;

#[test]
fn secrets_are_distinguished_from_mentions() {
    assert_eq!(PATTERNS.len(), detectors().count(), "an invalid pattern is skipped");
    let access_key = |start: &str| format!("{start}{}", "Q3EG".repeat(4));
    let token = |start: &str| format!("{start}{}", "a1B2".repeat(10));
    let table: [(&str, Option<&str>); 75] = [
        (&format!("export AWS_ACCESS_KEY_ID={}", access_key("AKIA")), Some("aws_access_key")),
        (&format!("key: {};", access_key("ASIA")), Some("aws_access_key")),
        ("arn:aws:iam::111122223333:role/AKIAROLE", None),
        (&format!("X{}X", access_key("AKIA")), None),
        (&format!("aws_secret_access_key = {}", "a1B2/".repeat(8)), Some("aws_secret_key")),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", Some("private_key")),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", Some("private_key")),
        ("-----BEGIN PRIVATE KEY-----", Some("private_key")),
        ("-----BEGIN CERTIFICATE-----\nMIIE", None),
        ("-----BEGIN PUBLIC KEY-----\nMIIE", None),
        (&token("git clone https://ghp_"), Some("github_token")),
        (&token("TOKEN glpat-"), Some("gitlab_token")),
        (&token("xoxb-"), Some("slack_token")),
        (&token("sk_live_"), Some("api_token")),
        (
            "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
            Some("json_web_token"),
        ),
        ("DATABASE_URL=postgres://app:hunter2@db.internal:5432/app", Some("url_password")),
        ("postgres://app:${DB_PASSWORD}@db.internal", None),
        ("https://example.com:8443/path@2", None),
        ("passwd: $6$rounds=4096$abcdefgh$0123456789abcdef0123456789abcdef", Some("password_hash")),
        ("echo 'root:hunter2' | chpasswd", Some("chpasswd")),
        ("echo \"root:$PASSWORD\" | sudo chpasswd", None),
        ("DB_PASSWORD=hunter2", Some("password")),
        ("\"password\": \"hunter2\"", Some("password")),
        ("password: hunter2", Some("password")),
        ("$Password = 'hunter22'", Some("password")),
        ("API_KEY='0123456789abcdef'", Some("password")),
        ("client_secret=0123456789abcdef", Some("password")),
        ("mysqladmin --password=hunter2 ping", Some("password")),
        ("agent install --enroll-token 0123456789", Some("password")),
        ("P\0A\0S\0S\0W\0O\0R\0D\0=\0h\0u\0n\0t\0e\0r\x002\0", Some("password")),
        ("DB_PASSWORD=$(aws ssm get-parameter --name /app/db)", None),
        ("DB_PASSWORD=\"${PASSWORD}\"", None),
        ("password: {{ vault_password }}", None),
        ("password=<your password>", None),
        ("lock_passwd: false", None),
        ("ssh_pwauth: false\ndisable_root: true", None),
        ("PasswordAuthentication no", None),
        ("PermitRootLogin prohibit-password", None),
        ("SECRET_ARN=arn:aws:secretsmanager:eu-west-1:111122223333:secret:app", None),
        ("secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:app", None),
        ("password=********", None),
        ("export DB_PASS=hunter2", Some("password")),
        ("pass: 'hunter2'", Some("password")),
        ("MYSQL_ROOT_PASS: hunter2", Some("password")),
        ("keyPass=hunter2", Some("password")),
        ("NEW_RELIC_LICENSE_KEY=0123456789abcdef", Some("password")),
        (r#"echo "{\"password\": \"hunter2\"}" > app.json"#, Some("password")),
        (r#"echo "{\"password\": \"$DB_PASSWORD\"}" > app.json"#, None),
        ("DB_PASS=$(aws ssm get-parameter --name /app/db)", None),
        ("  bypass: enabled-always", None),
        ("proxy_pass: http://127.0.0.1:8080", None),
        ("chpasswd:\n  expire: false\n", None),
        ("volumes:\n- name: x\n  secret:\n    secretName: app", None),
        ("passwd:     files sss", None),
        ("chpasswd:\n  expire: false\n  list: |\n    root:hunter2\n", Some("chpasswd")),
        ("chpasswd:\n  list:\n    - ubuntu:RANDOM\n", None),
        ("curl -fsS -u deploy:hunter2 https://example.com", Some("command_password")),
        ("curl --user \"deploy:hunter2\" https://example.com", Some("command_password")),
        ("curl -u deploy:$PASSWORD https://example.com", None),
        ("curl -fsSL https://example.com/a.tar | tar x", None),
        ("curl -fsSL https://example.com/my-ubuntu:20.04.tar", None),
        ("sshpass -p hunter2 ssh host", Some("command_password")),
        ("sshpass -p \"$PW\" ssh host", None),
        ("mysql -u root -phunter2 app", Some("command_password")),
        ("mysql -u root -p$PASSWORD app", None),
        ("mysql --protocol=tcp -P 3306 app", None),
        ("yum install -y mysql && mkdir -p /data/app", None),
        ("docker login -u app -p hunter2 registry.example.com", Some("command_password")),
        ("aws ecr get-login-password | docker login --username AWS --password-stdin", None),
        ("net user Administrator Hunter2! /add", Some("command_password")),
        ("net user Administrator /active:yes", None),
        ("$s = ConvertTo-SecureString 'hunter2' -AsPlainText -Force", Some("command_password")),
        ("$s = ConvertTo-SecureString $value -AsPlainText -Force", None),
        ("([adsi]'WinNT://./admin').SetPassword('hunter2')", Some("command_password")),
        ("#!/bin/bash\nyum update -y\n/etc/eks/bootstrap.sh prod --kubelet-extra-args ''", None),
    ];
    for (text, expected) in table {
        assert_eq!(detect(text.as_bytes()), expected, "{text}");
    }
}

/// What reads a secret from elsewhere, names it, or writes about it.
#[test]
fn references_and_sentences_are_no_secrets() {
    let table = [
        "aws secretsmanager get-secret-value --secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:MyTestSecret-a1b2c3",
        "DB_ARN=\"arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:App-a1b2c3\"",
        "!Sub arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:App",
        "arn = \"arn:aws:secretsmanager:\" + region + \":secret:App-a1b2c3\"",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3:password:AWSCURRENT:",
        "url: x-{{resolve:secretsmanager:MySecret:SecretString:password:AWSCURRENT}}",
        "SLACK_SIGNING_SECRET=\"projects/455826092000/secrets/SlackSigningSecret/versions/latest\"",
        "SLACK_SIGNING_SECRET=projects/my-project/secrets/SlackSigningSecret",
        "DB_PASSWORD=sm://my-project/db-password",
        "DB_PASSWORD=aws-ssm:/prod/db/password",
        "password: ref+awssecrets://prod/db/password",
        "ENABLE_PASSWORD=true\nRESET_PASSWORD=never",
        "password = os.environ['DB_PASSWORD']",
        "password = os.environ.get('DB_PASSWORD')",
        "const password = process.env.DB_PASSWORD;",
        "password: process.env.DB_PASSWORD,",
        "$Password = Read-Host -AsSecureString",
        "$secret = Get-SECSecretValue -SecretId prod/db",
        "$secret = (Get-SECSecretValue -SecretId prod/db).SecretString",
        "$token = Invoke-RestMethod -Method PUT -Uri http://169.254.169.254/latest/api/token",
        "secret = client.get_secret_value(SecretId='prod/db')['SecretString']",
        "token = await fetchToken(url)",
        "password = db_password",
        "connect(user=user, password=password)",
        "connect({ user: user, password: dbPassword, port: 1 })",
        "password = var.db_password",
        "password = getpass.getpass()",
        "SECRET_KEY = get_random_secret_key()",
        "SECRET_KEY = os.environ['SECRET_KEY']",
        "if [ \"$PASSWORD\" == hunter2 ]; then PASSWORD==other; fi",
        "{\"password\":null,\"token\":false}",
        "connect(user, password=None)",
        "password: !GetAtt Db.Password",
        "password: !vault |",
        "password: !secret db_password",
        "DB_PASSWORD: ${DB_PASSWORD:?missing}",
        "print(\"password: \", end=\"\")",
        "read -p \"Password: \" -s PW",
        "read -p 'Password: ' -s PW",
        "sed -i 's/^password=.*/password='\"$PW\"'/' /etc/app.conf",
        "password = random_password.db.result",
        "secret = aws_secretsmanager_secret.db.id",
        "password=@DB_PASSWORD@",
        "<token>@TOKEN@</token>",
        "password: __DB_PASSWORD__",
        "password: \"#{db_password}\"",
        "password: # from the vault",
        "def connect(user: str, password: string):",
        "private_key=server.pem",
        "--private-key ~/.ssh/deploy",
        "# secret: stored in SSM",
        "# password: changed by the init script (see wiki)",
        "// token: read from the vault",
        "echo \"Fetching secret: prod/db\"",
        "echo \"Fetching secret: db-credentials\"",
        "Write-Host 'Reading secret: stored in SSM'",
        "echo \"Setting password: done\"",
        "logger -t boot \"password: could not be read\"",
        "docker build --secret id=npmrc,src=/root/.npmrc .",
        "docker service create --secret db_password app",
        "SECRET=prod/db2",
        "secretKey: password",
        "MASTER_KEY=alias/app-key-2024x",
        "ENCRYPTION_KEY=1234abcd-12ab-34cd-56ef-1234567890ab",
        "ENCRYPTION_KEY=arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "ENCRYPTION_KEY=${KEY}",
        "signing_key: release-key-2024",
        "curl -H \"Authorization: Bearer $TOKEN\" https://example.com",
        "curl -H \"Authorization: Bearer ${TOKEN}\" https://example.com",
        "curl -H \"Authorization: Basic $(echo -n a:$B | base64)\" https://example.com",
        "# Authorization: Bearer authentication is required",
        "curl -H \"X-Api-Key: $KEY\" https://example.com",
        "gpg --passphrase \"$PASSPHRASE\" -d x",
        "gpg --passphrase-file /run/passphrase -d x",
        "mysql -e \"CREATE USER a IDENTIFIED BY '$PASSWORD'\"",
        "mysql -e \"CREATE USER a IDENTIFIED BY '\"$PASSWORD\"'\"",
        "psql -c \"ALTER USER a WITH PASSWORD '${PASSWORD}'\"",
        "sqlcmd -S db -U sa -P $PASSWORD",
        "redis-cli -a \"$PASSWORD\" ping",
        "helm registry login -p $PASSWORD registry.example.com",
        "echo \"$PASSWORD\" | passwd --stdin root",
        "# requirepass foobared",
        "requirepass ${PASSWORD}",
        "<password>${db.password}</password>",
        "<password>{AQAAABAAAAAQ}</password>",
        "API_KEY=your-api-key-here",
        "TOKEN=YOUR_TOKEN",
        "password: your_password_here",
        "API_KEY=INSERT_KEY_HERE",
        "DB_PASSWORD=REPLACE_ME",
        "DB_PASSWORD=TODO",
        "password=REDACTED",
        "define('AUTH_KEY', 'put your unique phrase here');",
        "define('DB_PASSWORD', 'password_here');",
        "define('DB_PASSWORD', getenv('DB_PASSWORD'));",
        "helm install x y --set auth.existingSecret=db-secret",
        "kubectl run x --image-pull-secret=regcred",
        "# usage: https://user:password@host/",
        "echo \"Usage: $0 --password PASSWORD --token TOKEN\"",
        "logger \"token: refreshed\"",
        "DB_PASSWORD=${DB_PASSWORD:-$DEFAULT}",
        "DB_PASSWORD=${DB_PASSWORD:-}",
        "<add key=\"DbPassword\" value=\"#{DbPassword}\" />",
        "echo \"$PASSWORD\" | realm join -U admin example.com",
        "sed -i \"s/password_here/$PASSWORD/\" wp-config.php",
        "openssl pkcs12 -export -passout env:PASSWORD -out a",
        "$admin.psbase.invoke(\"SetPassword\", $password)",
        "ConvertTo-SecureString -AsPlainText $password -Force; New-LocalUser -Name 'deploy'",
        "reg add HKLM\\Software /v DefaultPassword /t REG_SZ /d %PASSWORD% /f",
        "Set-ItemProperty -Path $p -Name PasswordExpired -Value 0",
        "net use Z: \\\\fs01\\share /user:svc %PASSWORD% /persistent:yes",
        "net use Z: \\\\fs01\\share /user:svc /persistent:yes",
        "chpasswd <<EOF\nubuntu:$PASSWORD\nEOF",
        "chpasswd < /run/passwords",
        "useradd -p \"$(openssl passwd -6 \"$PASSWORD\")\" bob",
        "echo \"$PASSWORD\" | openssl passwd -6 -stdin\nusermod bob",
        "mysqladmin -u root password \"$PASSWORD\"",
        "lftp -u \"deploy,$PASSWORD\" sftp://files.example.com",
        "echo \"$PASSWORD\" | sudo -S apt-get update",
        "echo done | sudo tee -a /var/log/boot",
        "amazon-ssm-agent -register -code \"$CODE\" -id \"$ID\"",
        "aws configure set aws_secret_access_key \"$SECRET\"",
        "{\"auth\": \"plaintext\", \"type\": \"oauth\"}",
        "machine example.com login bot password $TOKEN",
        "echo \"db:5432:app:app:$PASSWORD\" > ~/.pgpass",
        "encrypt = \"true\"",
        "AKIAIOSFODNN7EXAMPLE",
        "aws_access_key_id = AKIAI44QH8DHBEXAMPLE",
        "access_key: AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret_key=je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    ];
    let found = table.iter().filter_map(|text| Some((detect(text.as_bytes())?, text)));
    assert_eq!(found.collect::<Vec<_>>(), []);
}

#[test]
fn secrets_are_found_in_keys_headers_commands_and_statements() {
    let random = "q8Zr2LxV0tYw7Nf3Kd9Hs5Bm1Jc6Ga4P";
    let table = [
        ("SECRET_KEY=@", "password"),
        ("SECRET_KEY_BASE=@@", "password"),
        ("{\"secretKey\":\"@\"}", "password"),
        ("{\"secretKey\":\"hunter2hunter2\"}", "password"),
        ("ENCRYPTION_KEY=@", "password"),
        ("RAILS_MASTER_KEY=0123456789abcdef0123456789abcdef", "password"),
        ("SECRET_KEY = 'django-insecure-@'", "password"),
        ("SECRET_KEY = 'django-insecure-#q!x*w+e-(z)b=c'", "password"),
        ("minio --secret-key @", "password"),
        ("curl -H 'Authorization: Bearer @' https://example.com", "authorization_header"),
        ("curl -H \"authorization: bearer @\" https://example.com", "authorization_header"),
        ("headers = {'Authorization': 'token @'}", "authorization_header"),
        ("curl -H 'Authorization: Basic YWRtaW46aHVudGVyMmh1bnRlcjI='", "authorization_header"),
        ("curl -H 'X-Api-Key: @' https://example.com", "password"),
        ("gpg --passphrase hunter2 -d x", "password"),
        ("agent --api-key @", "password"),
        ("mysql -e \"CREATE USER a IDENTIFIED BY 'hunter2'\"", "password"),
        ("ALTER USER a IDENTIFIED WITH mysql_native_password BY 'hunter2';", "password"),
        ("psql -c \"ALTER USER a WITH PASSWORD 'hunter2'\"", "password"),
        ("CREATE LOGIN app WITH PASSWORD = N'hunter2'", "password"),
        ("sqlcmd -S db -U sa -P hunter2 -i x.sql", "command_password"),
        ("redis-cli -h db -a hunter2 ping", "command_password"),
        ("helm registry login -u a -p hunter2 registry.example.com", "command_password"),
        ("echo hunter2 | passwd --stdin root", "command_password"),
        ("echo \"hunter2\" | sudo passwd ec2-user --stdin", "command_password"),
        ("openssl enc -aes-256-cbc -k hunter2 -in x", "command_password"),
        ("htpasswd -bc /etc/nginx/htpasswd admin hunter2", "command_password"),
        ("rabbitmqctl add_user app hunter2", "command_password"),
        ("requirepass hunter2", "password"),
        ("echo \"requirepass hunter2\" >> /etc/redis.conf", "password"),
        ("<password>hunter2</password>", "password"),
        ("<user name=\"a\" password=\"hunter2\"/>", "password"),
        ("config[\"password\"] = \"hunter2\"", "password"),
        // Text about a secret can contain it.
        ("# password: hunter2 for root", "password"),
        ("# password: changeme", "password"),
        ("# don't share the password: 'hunter2'", "password"),
        ("DB_PASSWORD=${DB_PASSWORD:=hunter2}", "password"),
        ("$pw = 'hunter2'", "password"),
        ("setx DB_PASSWORD hunter2", "command_password"),
        ("echo \"password: hunter\" > app.yml", "password"),
        ("echo \"secret: changeme\" > app.yml", "password"),
        ("password = hunter2 # from the vault", "password"),
        ("password: 'correct horse battery staple'", "password"),
        ("{\"arn\":\"arn:aws:iam::111122223333:role/a\",\"password\":\"hunter2\"}", "password"),
        // The next one counts if the first is a reference.
        ("SECRET=$(get) DB_PASSWORD=hunter2", "password"),
        ("docker run --secret id=a --client-secret hunter2", "password"),
        // Administrators of Windows.
        ("$admin.psbase.invoke(\"SetPassword\", \"hunter2\")", "command_password"),
        ("$admin.Invoke('SetPassword', ('hunter2'))", "command_password"),
        ("ConvertTo-SecureString -AsPlainText 'hunter2' -Force", "command_password"),
        ("ConvertTo-SecureString -Force -AsPlainText -String 'hunter2'", "command_password"),
        (
            "reg add \"HKLM\\Software\\Winlogon\" /v DefaultPassword /t REG_SZ /d hunter2 /f",
            "command_password",
        ),
        (
            "Set-ItemProperty -Path $p -Name DefaultPassword -Type String -Value 'hunter2'",
            "command_password",
        ),
        ("net use Z: \\\\fs01\\share /user:CORP\\svc hunter2", "command_password"),
        ("net use \\\\fs01\\share hunter2 /user:CORP\\svc", "command_password"),
        // Shells.
        ("chpasswd <<EOF\nubuntu:hunter2\nEOF", "chpasswd"),
        ("sudo chpasswd -c SHA512 <<-'EOF'\n\tubuntu:hunter2\n\tEOF", "chpasswd"),
        ("chpasswd <<< \"ubuntu:hunter2\"", "chpasswd"),
        ("usermod --password $(openssl passwd -1 hunter2) root", "command_password"),
        ("useradd -p \"$(openssl passwd -6 -salt ab 'hunter2')\" bob", "command_password"),
        ("mysqladmin -u root password hunter2", "command_password"),
        ("lftp -u deploy,hunter2 sftp://files.example.com", "command_password"),
        ("echo hunter2 | sudo -S apt-get update", "command_password"),
        ("cloudflared service install eyJhIjoi@", "command_password"),
        ("amazon-ssm-agent -register -code \"@\" -id \"x\"", "command_password"),
        ("echo hunter2 | realm join -U admin example.com", "command_password"),
        ("keytool -import -storepass hunter2 -alias a", "command_password"),
        ("openssl pkcs12 -export -passout pass:hunter2 -out a", "password"),
        ("nessuscli agent link --key=0123456789abcdef0123456789abcdef", "command_password"),
        ("splunk start --seed-passwd hunter2", "password"),
        ("sed -i 's/password_here/hunter2/' wp-config.php", "command_password"),
        ("DB_PASSWORD=${DB_PASSWORD:-hunter2}", "password"),
        // Code, and files of other programs.
        ("define( 'DB_PASSWORD', 'hunter2' );", "password"),
        ("define('AUTH_KEY', '@');", "password"),
        (
            "[Environment]::SetEnvironmentVariable(\"DB_PASSWORD\",\"hunter2\",\"Machine\")",
            "password",
        ),
        ("<add key=\"DbPassword\" value=\"hunter2\" />", "password"),
        ("<property name=\"password\" value=\"hunter2\"/>", "password"),
        ("//r.example.com/:_auth=Ym90Omh1bnRlcjI=", "registry_auth"),
        ("%any %any : PSK \"hunter2\"", "password"),
        ("psk=\"hunter2\"", "password"),
        (
            "aws configure set aws_secret_access_key a1B2/a1B2/a1B2/a1B2/a1B2/a1B2/a1B2/a1B2/",
            "aws_secret_key",
        ),
        ("{\"auths\":{\"r.example.com\":{\"auth\":\"Ym90Omh1bnRlcjI=\"}}}", "registry_auth"),
        ("echo '{\\\"auth\\\": \\\"Ym90Omh1bnRlcjI=\\\"}'", "registry_auth"),
        ("echo dckr_pat_@ | docker login --password-stdin", "api_token"),
        ("https://acme.webhook.office.com/webhookb2/1/IncomingWebhook/2", "webhook_url"),
        ("PuTTY-User-Key-File-3: ssh-ed25519", "private_key"),
        ("machine example.com login bot password hunter2", "password"),
        ("echo 'db.internal:5432:app:app:hunter2' > ~/.pgpass", "password"),
        ("cat > ~/.pgpass <<EOF\n*:*:*:app:hunter2\nEOF", "password"),
        ("encrypt = \"pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=\"", "password"),
    ];
    let missed = table.iter().filter_map(|(text, detector)| {
        let found = detect(text.replace('@', random).as_bytes());
        (found != Some(detector)).then_some((text, found))
    });
    assert_eq!(missed.collect::<Vec<_>>(), []);
}

#[test]
fn user_data_is_told_apart() {
    let missed = with_secrets::WITH_SECRETS.iter().filter(|text| detect(text.as_bytes()).is_none());
    assert_eq!(missed.collect::<Vec<_>>(), [&""; 0]);
    let found = without_secrets::WITHOUT_SECRETS
        .iter()
        .filter_map(|text| Some((detect(text.as_bytes())?, text)));
    assert_eq!(found.collect::<Vec<_>>(), []);
}

/// Of a long line, the quotes at its start are not counted.
#[test]
fn the_position_in_a_long_line_does_not_matter() {
    for length in 480..560 {
        let text = format!("{{\"a\": \"{}\", \"password\": \"hunter2\"}}", "b".repeat(length));
        assert_eq!(detect(text.as_bytes()), Some("password"), "{length}");
    }
}

/// Much text that nearly matches takes linear time, and what is not UTF-8 does no harm.
#[test]
fn long_lines_are_inspected() {
    for text in [
        "secret:",
        "curl sshpass -p $abcd ",
        "arn:secret:",
        "password=$x ",
        "# secret: in ",
        "password=\"",
        "\u{e9}token: ",
    ] {
        let mut text = text.repeat((1 << 16) / text.len()).into_bytes();
        text.extend_from_slice(b"\xff\n");
        let _ = detect(&text);
        text.extend_from_slice(b"DB_PASSWORD=hunter2");
        assert_eq!(detect(&text), Some("password"));
    }
}

/// The same for what other detectors nearly match, in user data of the largest size.
#[test]
fn long_texts_are_inspected() {
    for text in [
        "password_",
        "PASSWORD_FILE=x ",
        "--a-",
        "{\"name\": \"DB_PASSWORD\", \"value\": ",
        "- value: abcd\n  name: x\n",
        "password: |\n  $abcd\n",
        "aws ssm put-parameter --value ",
        "aws ssm get-parameter --name ",
        "SECRET=$x --secret-id ",
        "sed 's/password=",
        "set -x A ",
        "curl -U a ",
        "passwd <<EOF\n$abcd\n",
        "\n",
    ] {
        let mut text = text.repeat((1 << 14) / text.len());
        text.push_str("\nDB_PASSWORD=hunter2");
        assert_eq!(detect(text.as_bytes()), Some("password"), "{}", &text[..8]);
    }
}

#[test]
fn plain_and_compressed_user_data_is_inspected() {
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let secret: &[u8] = b"#!/bin/sh\nexport DB_PASSWORD=hunter2\n";
    let mut bomb = vec![b' '; 2 << 20];
    bomb.extend_from_slice(secret);
    let mut cut = gzip(b"#!/bin/sh\nyum update -y\n");
    cut.truncate(cut.len() - 12);
    let table: [(&[u8], Option<bool>, Option<&str>); 6] = [
        (secret, Some(true), Some("password")),
        (b"#!/bin/sh\n", Some(false), None),
        (&gzip(secret), Some(true), Some("password")),
        (&gzip(b"#!/bin/sh\n"), Some(false), None),
        (&gzip(&bomb), None, None),
        (&cut, None, None),
    ];
    for (raw, looks_like_secret, detector) in table {
        let expected =
            UserData { present: true, looks_like_secret, detector: detector.map(str::to_owned) };
        assert_eq!(
            user_data(Some(&STANDARD.encode(raw))),
            expected,
            "{}",
            String::from_utf8_lossy(raw)
        );
    }
    let b64 = STANDARD.encode(secret);
    let certificate = STANDARD.encode("-----BEGIN CERTIFICATE-----\nMIIE\n");
    let folded = b64.as_bytes().chunks(28).map(|line| String::from_utf8_lossy(line));
    let folded = folded.collect::<Vec<_>>().join("\n    ");
    let words = format!("sha256: {}\n", "0123456789abcdef".repeat(4)).repeat(MAX_WORDS);
    for (text, expected) in [
        (format!("write_files:\n- encoding: b64\n  content: {b64}\n  path: /etc/app"), Some(true)),
        (format!("- content: |\n    {folded}\n  path: /etc/app\n"), Some(true)),
        (format!("- encoding: gz+b64\n  content: {}\n", STANDARD.encode(gzip(secret))), Some(true)),
        (format!("echo {b64} | base64 -d > /etc/app"), Some(true)),
        (format!("bootstrap.sh prod --b64-cluster-ca {certificate}\n"), Some(false)),
        (format!("checksum={}\n", "0123456789abcdef".repeat(4)), Some(false)),
        (format!("content: {}\n", STANDARD.encode(&cut)), None),
        (format!("content: {}\n", STANDARD.encode(gzip(&bomb))), None),
        (format!("{words}content: {b64}\n"), None),
        (format!("{words}password=hunter2\n"), Some(true)),
    ] {
        let found = user_data(Some(&STANDARD.encode(&text)));
        assert_eq!(found.looks_like_secret, expected, "{text}");
    }
    let nothing = UserData { present: false, looks_like_secret: Some(false), detector: None };
    assert_eq!((user_data(None), user_data(Some(""))), (nothing.clone(), nothing));
    assert_eq!(
        user_data(Some("password=hunter2")).detector.as_deref(),
        Some("password"),
        "not base64"
    );
}

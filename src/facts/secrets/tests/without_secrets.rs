//! User data without secrets: it reads them from elsewhere, names them, or writes about them.

pub(super) const WITHOUT_SECRETS: [&str; 107] = [
    r#"New-Service -Name backup -Password "$password"
New-Service -Name backup -Password "$(Get-Secret db)"
Get-SECSecretValue -SecretId "prod/db/password" | Select-Object -ExpandProperty SecretString
Start-Agent -PasswordFile "C:\secrets\agent.txt" -KeyName "deploy-2024" -TokenType "Bearer"
New-Service -Name backup -Password "<PASSWORD>""#,
    r"#!/bin/bash
set -ex
B64_CLUSTER_CA=LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJ
API_SERVER_URL=https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com
K8S_CLUSTER_DNS_IP=10.100.0.10
/etc/eks/bootstrap.sh prod --kubelet-extra-args '--node-labels=eks.amazonaws.com/sourceLaunchTemplateVersion=1,alpha.eksctl.io/nodegroup-name=ng-1 --max-pods=29' --b64-cluster-ca $B64_CLUSTER_CA --apiserver-endpoint $API_SERVER_URL --dns-cluster-ip $K8S_CLUSTER_DNS_IP --use-max-pods false",
    r#"MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: prod
    apiServerEndpoint: https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com
    cidr: 172.20.0.0/16
  kubelet:
    config:
      tokenTTL: 15m0s
      serverTLSBootstrap: true
    flags:
    - --node-labels=role=app
--//--"#,
    r#"#!/bin/bash
cat <<'EOF' >> /etc/ecs/ecs.config
ECS_CLUSTER=prod
ECS_ENABLE_TASK_IAM_ROLE=true
ECS_ENGINE_AUTH_TYPE=docker
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_CONTAINER_INSTANCE_TAGS={"team": "payments", "secret-rotation": "enabled"}
ECS_AWSVPC_BLOCK_IMDS=true
EOF"#,
    r#"[settings.kubernetes]
api-server = "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com"
cluster-certificate = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3SUJBZ0lJ"
cluster-name = "prod"
authentication-mode = "aws"
service-account-issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"
[settings.kubernetes.credential-providers.ecr-credential-provider]
enabled = true
cache-duration = "30m"
image-patterns = ["*.dkr.ecr.*.amazonaws.com"]
[settings.host-containers.admin]
enabled = false"#,
    r#"TOKEN=$(aws ssm get-parameter --name /k8s/join-token --with-decryption --query Parameter.Value --output text)
HASH=$(aws ssm get-parameter --name /k8s/ca-hash --query Parameter.Value --output text)
kubeadm join 10.0.0.1:6443 --token "$TOKEN" --discovery-token-ca-cert-hash "sha256:$HASH""#,
    "kubeadm join 10.0.0.1:6443 --discovery-file /etc/kubernetes/discovery.conf --discovery-token-ca-cert-hash=sha256:8cb2de97839780a412b93877f8507ad6c94f73add17d5d7058e91741c9d5ec78",
    r"apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
bootstrapTokens:
- groups:
  - system:bootstrappers:kubeadm:default-node-token
  token: {{ kubeadm_token }}
  ttl: 24h0m0s
  usages: [signing, authentication]
discovery:
  bootstrapToken:
    tokenRef: kubeadm-join
    unsafeSkipCAVerification: false",
    "curl -sfL https://get.k3s.io | K3S_URL=https://10.0.0.1:6443 K3S_TOKEN_FILE=/var/lib/rancher/k3s/token sh -",
    r#"export DB_PASSWORD="${db_password}"
export API_TOKEN="${api_token}"
echo "${base64encode(app_config)}" | base64 -d > /etc/app"#,
    r#"%{ for user in users ~}
useradd ${user.name}
%{ endfor ~}
password = "${random_password.db.result}"
secret_arn = "${aws_secretsmanager_secret.db.arn}""#,
    "ansible-pull -U https://github.com/acme/playbooks.git -i localhost, --vault-password-file /root/.vault_pass --private-key /root/.ssh/id_rsa site.yml",
    r#"- name: Create database user
  community.mysql.mysql_user:
    name: app
    password: "{{ lookup('amazon.aws.aws_secret', 'prod/db', region='eu-west-1') }}"
    update_password: on_create
    login_unix_socket: /run/mysqld/mysqld.sock
  no_log: true"#,
    r#"---
ansible_password: "{{ vault_win_password }}"
ansible_ssh_private_key_file: ~/.ssh/deploy
ansible_become_password_file: /etc/ansible/become"#,
    r#"{"agent":{"metrics_collection_interval":60,"run_as_user":"cwagent"},"logs":{"logs_collected":{"files":{"collect_list":[{"file_path":"/var/log/secure","log_group_name":"/ec2/secure","log_stream_name":"{instance_id}"},{"file_path":"/var/log/auth.log","log_group_name":"auth-token-service"}]}}},"metrics":{"append_dimensions":{"InstanceId":"${aws:InstanceId}"}}}"#,
    "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c ssm:AmazonCloudWatch-linux",
    r"[main]
server = puppet.example.com
certname = $(hostname -f)
environment = production
autosign = false
trusted_oid_mapping_file = /etc/puppetlabs/puppet/csr_attributes.yaml
hiera: 5",
    r"class { 'postgresql::server':
  postgres_password => lookup('postgres::password', Sensitive),
  password_encryption => 'scram-sha-256',
}
file { '/etc/app/token': content => $facts['token'] }",
    r#"extension_requests:
  pp_preshared_key: "%{PSK}"
  pp_role: web
  1.3.6.1.4.1.34380.1.1.13: web"#,
    r#"cat > /etc/chef/client.rb <<EOF
chef_server_url "https://chef.example.com/organizations/acme"
validation_client_name "acme-validator"
validation_key "/etc/chef/validation.pem"
client_key "/etc/chef/client.pem"
encrypted_data_bag_secret "/etc/chef/secret"
node_name "$(hostname)"
EOF"#,
    r#"<powershell>
$cfg = Get-Content C:\ProgramData\Amazon\EC2-Windows\Launch\Config\LaunchConfig.json | ConvertFrom-Json
$cfg.adminPasswordType = "Random"
$cfg.adminPassword = ""
Set-Content -Path C:\ProgramData\Amazon\EC2-Windows\Launch\Config\LaunchConfig.json -Value ($cfg | ConvertTo-Json)
C:\ProgramData\Amazon\EC2-Windows\Launch\Scripts\InitializeInstance.ps1 -Schedule
</powershell>
<persist>true</persist>"#,
    r"version: 1.1
config:
  - stage: preReady
    tasks:
      - task: setAdminAccount
        inputs:
          name: Administrator
          password:
            type: random
      - task: activateWindows
        inputs:
          activation:
            type: amazon",
    r#"version: 1.0
tasks:
- task: executeScript
  inputs:
  - frequency: once
    type: powershell
    runAs: localSystem
    content: |-
      $secret = (Get-SECSecretValue -SecretId "prod/ad-join").SecretString | ConvertFrom-Json
      $pw = ConvertTo-SecureString $secret.password -AsPlainText -Force
      $cred = New-Object PSCredential($secret.user, $pw)
      Add-Computer -DomainName corp.example.com -Credential $cred -Restart"#,
    r#"DD_API_KEY=$(aws secretsmanager get-secret-value --secret-id datadog/api-key --query SecretString --output text) DD_SITE=datadoghq.com bash -c "$(curl -L https://install.datadoghq.com/scripts/install_script_agent7.sh)""#,
    r"api_key: ENC[aws-secrets:datadog-api-key]
secret_backend_type: aws.secrets
secret_backend_config:
  aws_session:
    aws_region: eu-west-1
secret_backend_timeout: 30",
    r"DD_API_KEY_SECRET_ARN=arn:aws:secretsmanager:eu-west-1:111122223333:secret:datadog-a1b2c3
DD_API_KEY_SSM_NAME=/datadog/api-key",
    "NEW_RELIC_API_KEY=`aws ssm get-parameter --name /newrelic/key --with-decryption --output text --query Parameter.Value` NEW_RELIC_ACCOUNT_ID=1234567 /usr/local/bin/newrelic install -y",
    r"license_key: {{ resolve_ssm('/newrelic/license') }}
log_file: /var/log/newrelic.log",
    r"services:
  app:
    image: ghcr.io/acme/app:1.2.3
    environment:
      - DB_PASSWORD=${DB_PASSWORD}
      - API_KEY_DATADOG=${API_KEY_DATADOG:?}
      JWT_SECRET: ${JWT_SECRET:-}
    secrets: [db_password]
secrets:
  db_password:
    file: ./db_password.txt",
    r#"services:
  db:
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/pg
      MYSQL_RANDOM_ROOT_PASSWORD: "yes"
      MYSQL_ALLOW_EMPTY_PASSWORD: "no"
      POSTGRES_HOST_AUTH_METHOD: scram-sha-256"#,
    r#"sed -i -e "s/@@DB_PASSWORD@@/$DB_PASSWORD/" -e "s|{{API_KEY}}|$API_KEY|g" -e 's#__TOKEN__#'"$TOKEN"'#' /etc/app.conf"#,
    r#"sed -i "s/password=CHANGE_ME/password=$PW/; s/secret: changeit/secret: $S/" /etc/app.conf"#,
    r#"sed -i 's/^#\?password:.*$/password: '"${PW}"'/' /etc/app.yml
sed -i "s|redis://:PASSWORD@|redis://:${REDIS}@|" .env"#,
    r#"awk -v pw="$PW" '{gsub(/PASSWORD_HERE/, pw)}1' t.conf > app.conf
perl -pi -e 's/DB_PASSWORD=placeholder/DB_PASSWORD=$ENV{DB_PASSWORD}/' .env"#,
    r#"(Get-Content web.config) -replace 'password=CHANGEME', "password=$pw" | Set-Content web.config"#,
    "envsubst '${DB_PASSWORD} ${API_TOKEN}' < /etc/app.tmpl > /etc/app.conf",
    r"# The database password is read from Secrets Manager: see the runbook.
# Passwords must not be in user data! Secret: see prod/db in eu-west-1.
# DB_PASSWORD_PROD: set by the deploy job
# TOKEN_TTL=3600 by default",
    r"## Configuration
| Variable | Description |
| DB_PASSWORD | the password of the database |
| API_KEY_DATADOG | key of Datadog |
Pass `--password <password>` or set `PASSWORD`. The option -password prompts if it is not given.",
    r#"usage() { echo "usage: $0 -u USER -p PASSWORD [-password FILE] [--token TOKEN]" >&2; exit 2; }"#,
    r"2026-01-02T03:04:05Z INFO auth: token refreshed, expires in 3600s
2026-01-02T03:04:05Z INFO secret: rotated
Jan  2 03:04:05 ip-10-0-0-1 sshd[123]: Failed password for root from 10.0.0.2 port 51234 ssh2
Jan  2 sshd: Accepted password for ubuntu",
    r#"logger "Password: rotated"; echo "Token: refreshed" ; echo "DB_PASSWORD is set: ${DB_PASSWORD:+yes}""#,
    r#"SECRET_NAME=prod/app/db
SECRET=app-db-prod-eu-west-1
DB_JSON=$(aws secretsmanager get-secret-value --secret-id "${SECRET}" --region eu-west-1 | jq -r .SecretString)
DB_PASSWORD=$(jq -r .password <<< "$DB_JSON")"#,
    r#"TOKEN_PARAM="app-token-prod1a2b3c4d5"
GITHUB_TOKEN=gh-runner-token-prod
GITHUB_TOKEN=$(aws ssm get-parameter --with-decryption \
  --name "$GITHUB_TOKEN" --query Parameter.Value --output text)"#,
    r#"import boto3
SECRET_ID = "prod/app/db"
secret = "app-db-7f3k2m9q1x"
client.get_secret_value(SecretId=secret)"#,
    r#"$SecretName = "prod/app"
$Secret = 'app-db-7f3k2m9q1x'
$value = (Get-SECSecretValue -SecretId $Secret).SecretString
$token = (Get-SSMParameter -Name $TokenName -WithDecryption $true).Value"#,
    r#"DB_SECRET="rds!cluster-0a1b2c3d-4e5f-6789-abcd-ef0123456789"
MASTER_SECRET=redshift!prod-awsuser"#,
    r#"PASSWORD_LENGTH=24
PASSWORD_MIN=12
PASSWORD_MAX_AGE=90d
PASSWORD_POLICY="minlen=14 dcredit=-1"
PASSWORD_ENCRYPTION=scram-sha-256
PASSWORD_HASH_ALGORITHM=argon2id-v13x
PASSWORD_EXPIRY=2026-01-01T00h
PASSWORD_RESET_URL=https://example.com/reset
TOKEN_TTL=86400s
TOKEN_TYPE=Bearer20ab12cd
TOKEN_VERSION=v2beta1x
SECRET_ROTATION=30days30
SECRET_ENGINE=kv-v2
API_KEY_ID=9c1d2e3f4a5b
API_KEY_HEADER=X-Api-Key
PASSWORD_PROMPT="Enter your password"
PASSWORD_FIELD=form_pass1234
PASSWORD_REQUIRED=yes
PASSWORD_ENABLED=true1234"#,
    r"auth: {tokenExpiry: 15m, tokenAlgorithm: RS256, passwordMinLength: 12, passwordHashRounds: 12, secretName: app-2024-db}
jwtTokenHeader=Authorization",
    r"AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token
AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/x
VAULT_TOKEN_PATH=/run/vault
vault login -method=aws role=app-2024 header_value=vault.example.com
vault agent -config=/etc/vault/agent.hcl",
    r#"env:
- name: DB_PASSWORD
  valueFrom:
    secretKeyRef: {name: db-2024, key: password}
- name: DB_PASSWORD_FILE
  value: /run/secrets/db
- name: TOKEN_TTL
  value: "3600"
- name: DB_SECRET
  value: prod-db-credentials
- name: PASSWORD
  value: $(OTHER)"#,
    r#"{"containerDefinitions":[{"name":"app","environment":[{"name":"DB_PASSWORD_SECRET_NAME","value":"prod/db2024abc"},{"name":"TOKEN_EXPIRY","value":"3600"}],"secrets":[{"name":"API_KEY","valueFrom":"arn:aws:ssm:eu-west-1:111122223333:parameter/k"}]}]}"#,
    r#"{"Tags":[{"Key":"SecretRotation","Value":"enabled2024"},{"Key":"Name","Value":"token-service"},{"Key":"password-policy","Value":"v2strict99"}]}"#,
    r#"[{"ParameterKey":"DBPasswordParameter","ParameterValue":"/prod/db/password"},{"ParameterKey":"DBPassword","ParameterValue":"{{resolve:ssm-secure:/prod/db:1}}"}]"#,
    r"env:
- value: Xk29sLm0pq7
  name: COMMIT
- name: MODE
  value: fast1234
- name: DB_PASSWORD
  valueFrom: {secretKeyRef: {name: db, key: pw}}",
    r"env:
  - name: VERSION
    value: 1a2b3c4d5e
---
kind: Secret
metadata:
  name: db-secret",
    r"vllm serve meta-llama/Llama-3 --max-num-batched-tokens 8192 --max-token=4096 --min-token 16
max_token: 4096
n_token = 100000000
total_token: 123456789",
    r#"curl -s -u "$USER:$PASS" https://x; curl -U "$P" https://x; curl --proxy-user "${U}:${P}" x; curl -u "admin:$(cat /run/pw)" https://x"#,
    r#"ldapsearch -x -W -D cn=admin -b dc=example; ldapadd -y /root/pw -f a.ldif; ldapmodify -w "$PW" -f x
unzip -P "$PW" a.zip; unzip -o -q a.zip -d /opt/appdir1; zip -r x.zip /data; 7z x -p"$PW" a.7z; 7z a -mx=9 a.7z /data
mongosh --port 27017 --eval 'db.version()'; mongodump -p "$MONGO" --out /backup; mongosh -u admin -p --authenticationDatabase admin"#,
    r"schtasks /create /tn boot /tr c:\boot.cmd /sc onstart /ru SYSTEM; schtasks /create /tn x /ru svc /rp * /tr y
netdom join %COMPUTERNAME% /domain:corp /userd:svc /passwordd:*
psexec -s -i cmd.exe; net user bob * /add; net user /domain bob; net user bob /active:yes",
    r#"passwd -l root; echo "$PW" | passwd --stdin root; passwd root <<< "$PW"; passwd root <<EOF
$PW
$PW
EOF
cat >> /etc/passwd <<EOF
ftp2:x:1001:1001::/srv/ftp:/sbin/nologin
EOF"#,
    r#"rootpw --lock
rootpw --iscrypted {{ root_hash }}
sqlplus / as sysdba @/opt/x.sql
sqlplus -s /nolog @x.sql
sqlplus $U/$P@db
sqlplus app/"$PW"@orcl"#,
    r#"set -ex PATH /usr/bin
setenv TOKEN_FILE /run/token1234
ENV PASSWORD_FILE /run/pw1234
read -r PASSWORD <<< "$(cat /run/pw)"
read -rsp 'Password: ' PASSWORD"#,
    r"password: |
  {{ vault_password }}
secret: |
  ${secret}
token: >-
  {{ token }}
description: |
  password: see the vault",
    r"git clone https://github.com/acme/app.git && git clone https://$TOKEN@github.com/acme/x.git
SENTRY_DSN=https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2",
    r#"aws secretsmanager put-secret-value --secret-id app --secret-string file:///run/secret.json
aws secretsmanager create-secret --name app --secret-string "$SECRET"
aws ssm put-parameter --name /app/db/password --type SecureString --value "$PW"
aws ssm put-parameter --name /app/ami --type String --value ami-0123456789"#,
    r#"java -Djavax.net.ssl.trustStorePassword="$TSPW" -jar agent.jar -secret @/run/secret -password "$PW"
keytool -importcert -storepass "$PW" -file a.pem"#,
    "<AdministratorPassword><Value>%ADMIN_PW%</Value></AdministratorPassword><Password><Value>*SENSITIVE*DATA*DELETED*</Value></Password><PasswordPolicy><Value>14</Value></PasswordPolicy>",
    r#"chpasswd: {list: ["ubuntu:RANDOM", "admin:R"], expire: true}"#,
    r"chpasswd:
  list: |
    ubuntu:R
    root:RANDOM",
    r#"PASSWORDS=("$A" "$B")
SECRETS=(prod/db prod/api)
TOKENS=(app-token web-token)"#,
    r"kms_key_id: 1234abcd-12ab-34cd-56ef-1234567890ab
AWS_KMS_KEY_ARN=arn:aws:kms:eu-west-1:111122223333:key/x
STORAGE_KEY=backups/2024/db20240101full.tgz
SSH_KEY_NAME=prod-keypair-2024a1b2
public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo1234567890",
    r#"TOKEN=`curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"`
INSTANCE_ID=`curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id`"#,
    r#"gcloud secrets versions access latest --secret="db-password-2024" > /run/pw
SECRET=db1x2y3z4w5v
gcloud secrets versions access latest --project p --secret=$SECRET
az keyvault secret show --vault-name kv --name db-password --query value -o tsv"#,
    r"apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
spec:
  secretStoreRef: {name: aws, kind: ClusterSecretStore}
  data:
  - secretKey: password
    remoteRef: {key: prod/db-2024, property: password}
imagePullSecret: regcred-2024
imagePullSecrets:
- name: regcred-2024",
    r#"rclone copy s3:bucket /data --s3-env-auth=true; restic --password-file /run/pw backup; borg init --encryption=repokey-blake2
BORG_PASSCOMMAND="cat /run/pw"
RESTIC_PASSWORD_COMMAND='aws ssm get-parameter'"#,
    "ssh-keygen -t ed25519 -N '' -f /root/.ssh/id; passwordless: true; PasswordAuthentication no; tokenizer=standard; bypass=yes1234abc; compass: north1234",
    r"server.ssl.key-store-password=${KEYSTORE_PASSWORD}
spring.datasource.password=${DB_PASSWORD:}
management.token.ttl=3600",
    r"postgresql.conf: password_encryption = 'scram-sha-256'
pg_hba: host all all 10.0.0.0/8 scram-sha-256
log_line_prefix = '%m'",
    r#"wget --header "X-Auth-Token: $(cat /run/token)" https://x; helm install x --set auth.existingSecret=app-2024,auth.passwordKey=pw-key"#,
    r"permissions:
  id-token: write",
    r"ETCD_INITIAL_CLUSTER_TOKEN=k8s_etcd
etcd --initial-cluster-token etcd-cluster-1 --initial-cluster-state new",
    r"apt:
  http_proxy: http://[[user][:pass]@]host[:port]/",
    r#"{"dependencies": {"@octokit/auth-token": "^4.0.0", "jsonwebtoken": "9.0.2"}}"#,
    r"self.password = password
b.token = token",
    "user_data(ATTACH.format(token=CLOUD_INIT_UA_TOKEN))",
    r":param password: plaintext password to hash.
@param passwd: encoded admin password",
    "az ad app create --display-name k8s --password CLIENT_SECRET",
    "password: 'your password here'",
    r#"SECRET="prod-db-credentials"
aws secretsmanager get-secret-value --secret-id "$SECRET""#,
    r#"sed -i "s|postgres://app:PASSWORD@db|postgres://app:$PW@db|" /etc/app.conf"#,
    r"tokenizer: standard
max_token: 4096
token_limit=8192
max_tokens=4096",
    r"secret: tls-cert-2024
secretName: my-secret",
    r"docker secret create db_password /run/x
secret: db_password",
    "max_token: 4096",
    "serve --max-token=4096",
    "secret: db_password",
    "secret: tls-cert-2024",
    r"tls:
- hosts: [a.example.com]
  secretName: a-tls
  secret: a-tls-2024",
    "imagePullSecret: regcred-2024",
    r#"SECRET="prod-db-credentials""#,
    "SECRET=prod-db-credentials",
    "SECRET=ProdDbCredentials",
    "DB_SECRET=prod-db-credentials",
    r#"RDS_SECRET="rds!db-0123abcd-0123-0123-0123-0123456789ab""#,
    "SECRET=prod.db.credentials",
    r"SECRET=prod-db
VALUE=$(aws secretsmanager get-secret-value --secret-id $SECRET --query SecretString --output text)",
    r#"gcloud secrets versions access latest --secret="db-password-2024""#,
];

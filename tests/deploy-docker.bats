#!/usr/bin/env bats
# mroom deploy app with containers and compose files, against a real engine. Both servers have the same one, so
# containers are named after their server, and what each keeps of its deployments is in a directory of its own.

bats_require_minimum_version 1.5.0
load lib/lab
load lib/examples
load lib/image

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_dir
	cat >"$LAB/own-dir" <<-'SH'
	#!/bin/sh
	# shellcheck disable=SC2086 # its fields
	set -- $SSH_CONNECTION
	MROOM_DIR=${0%/*}/kept/$3
	export MROOM_DIR
	exec sh -c "$SSH_ORIGINAL_COMMAND"
	SH
	chmod 755 "$LAB/own-dir"
	lab_docker_start "ForceCommand $LAB/own-dir" || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 2
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${LAB_DOCKER_PID:-}" ] || at_engine 'docker ps -aq | xargs -r docker rm -f >/dev/null; docker volume prune -f >/dev/null; docker network prune -f >/dev/null; rm -rf .mroom'; rm -rf "${LAB:-/nonexistent}/kept"
}

run_app() {
	run --separate-stderr engine_run mroom deploy app "$@" </dev/null
	[ -z "$stderr" ] || echo "$stderr"
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

inspect() {
	at_engine "docker inspect -f '$2' $1"
}

fetch_page() {
	engine_run curl -s "http://127.0.0.1:$1/" || at_engine "wget -qO- http://127.0.0.1:$1/"
}

# The application `shop` in version $1 of the image $2.
shop() {
	echo "page of $1" >index.html
	cat >shop.ini <<-INI
	[app shop]
	version = $1
	container = shop-{{SERVER_ID}}
	image = ${2:-bbweb:1}
	dir.1 = $LAB/shop-{{SERVER_ID}}
	file.1 = index.html $LAB/shop-{{SERVER_ID}}/index.html
	bind.1 = $LAB/shop-{{SERVER_ID}}:/www:ro
	volume.1 = shop-{{SERVER_ID}}:/data
	network = front
	port.1 = {{port}}:80
	env.WHERE = {{SERVER_ID}}
	health = container
	health_timeout = 20s
	INI
	mroom state set web-01 port 8081
	mroom state set web-02 port 8082
}

@test "an application of an image: volumes, binds, network, ports, environment; once; removed" {
	shop 1
	printf hush-4713 | mroom state secret set -K application shop
	echo 'secret.TOKEN = shop' >>shop.ini
	run_app shop.ini -a
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = "web-01	shop	changed	1	
web-02	shop	changed	1	" ]
	[ "$(fetch_page 8081)" = "page of 1" ]
	[ "$(fetch_page 8082)" = "page of 1" ]
	[ "$(at_engine 'docker exec shop-web-02 sh -c "echo \$WHERE \$TOKEN"')" = "web-02 hush-4713" ]
	[ "$(inspect shop-web-01 '{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}} {{index .HostConfig.LogConfig.Config "max-file"}} {{range .Mounts}}{{.Type}}:{{.RW}} {{end}}' | tr ' ' '\n' | sort | xargs)" = "5 bind:false front unless-stopped volume:true" ]
	lab_nowhere hush-4713 "$MROOM_HOME"
	was=$(inspect shop-web-01 '{{.Id}}')
	run_app shop.ini -a
	[ "$(cut -f3 <<<"$output" | sort -u)" = same ]
	[ "$(inspect shop-web-01 '{{.Id}}')" = "$was" ]
	# what does not run is not that version
	at_engine 'docker stop -t 0 shop-web-01' >/dev/null
	run_app status shop -a
	[ "$(sort <<<"$output")" = "web-01	shop	unhealthy	1	it is exited
web-02	shop	healthy	1	" ]
	run_app shop.ini -a
	[ "$(sort <<<"$output" | cut -f3 | xargs)" = "restarted same" ]
	[ "$(fetch_page 8081)" = "page of 1" ]
	run_app remove shop -a
	[ "$status" = 0 ]
	[ -z "$(at_engine 'docker ps -aq')" ]
}

@test "version 2 never gets well: version 1 serves again with its files, and what the container said is told" {
	shop 1
	run_app shop.ini web-01
	shop 2 bbweb:sick
	echo 'command = sh -c "echo cannot find my database; exec httpd -f -p 80 -h /www"' >>shop.ini
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: version 2: shop-web-01: "*"the old one serves again"*"(version 1 is back)"* ]]
	[[ $stderr == *"web-01: log: exit code 0, OOM killed false"* ]]
	[[ $stderr == *"web-01: log: health check: 1"* ]]
	[[ $stderr == *"web-01: log: log: cannot find my database"* ]]
	[ "$(fetch_page 8081)" = "page of 1" ]
	[ "$(inspect shop-web-01 '{{.Config.Image}} {{.State.Health.Status}}')" = "bbweb:1 healthy" ]
	[ "$(at_engine 'docker ps -aq | wc -l')" = 1 ]
	# It ends at once, with a status of its own.
	shop 3
	echo 'command = sh -c "echo no disk; exit 7"' >>shop.ini
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: log: started again "*" times, its last exit code was 7"* ]]
	[[ $stderr == *"web-01: log: log: no disk"* ]]
	[ "$(fetch_page 8081)" = "page of 1" ]
	run_app history shop web-01
	[ "$(grep -c '	failed: shop-web-01' <<<"$output")" = 2 ]
}

@test "a container that serves the wrong thing fails by its URL or command, and the way back is the same" {
	shop 1
	run_app shop.ini web-01
	shop 2
	sed -i 's,^health = .*,health = http://127.0.0.1:{{port}}/up,; s/^health_timeout.*/health_timeout = 3s/' shop.ini
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[[ $stderr == *"version 2: not healthy within 3 s: "*"404"*"(version 1 is back)"* ]]
	[ "$(fetch_page 8081)" = "page of 1" ]
	sed -i 's,/up$,/,' shop.ini
	run_app shop.ini web-01
	[ "$status" = 0 ]
	[ "$(fetch_page 8081)" = "page of 2" ]
	run_app rollback shop web-01
	[ "$output" = "web-01	shop	back	1	" ]
	[ "$(fetch_page 8081)" = "page of 1" ]
}

@test "an application of a compose file: rendered, with secrets in its environment, back when it is sick, removed" {
	cat >stack.yaml <<-'YAML'
	services:
	  web:
	    image: bbweb:1
	    environment: {WHERE: "{{SERVER_ID}}", TOKEN: "${TOKEN}"}
	    stop_grace_period: 1s
	  worker:
	    image: bbweb:1
	    command: sh -c "echo working on ${VERSION}; exec sleep 1000"
	    stop_grace_period: 1s
	    healthcheck: {test: ["CMD", "true"], interval: 1s}
	YAML
	cat >stack.ini <<-'INI'
	[app stack]
	version = 1
	compose = stack.yaml
	env.VERSION = one
	secret.TOKEN = stack
	health_timeout = 20s
	INI
	printf hush-4714 | mroom state secret set -K application stack
	run_app stack.ini web-01
	[ "$status" = 0 ]
	[ "$(at_engine 'docker exec stack-web-1 sh -c "echo \$WHERE \$TOKEN"')" = "web-01 hush-4714" ]
	[ "$(at_engine 'docker logs stack-worker-1')" = "working on one" ]
	lab_nowhere hush-4714 "$MROOM_HOME" "$LAB/home/.mroom/compose"
	run_app stack.ini web-01
	[ "$(cut -f3 <<<"$output")" = same ]
	sed -i 's/^version.*/version = 2/; s/= one/= two/' stack.ini
	sed -i '0,/bbweb:1/s//bbweb:sick/' stack.yaml
	run_app stack.ini web-01
	[ "$status" = 1 ]
	[[ $stderr == *"version 2: stack: the project did not get well (version 1 is back)"* ]]
	[[ $stderr == *"web-01: log: container: stack-web-1"*"web-01: log: health check: 1"* ]]
	[ "$(inspect stack-web-1 '{{.Config.Image}} {{.State.Health.Status}}')" = "bbweb:1 healthy" ]
	[ "$(at_engine 'docker logs stack-worker-1')" = "working on one" ]
	run_app status stack web-01
	[ "$output" = "web-01	stack	healthy	1	" ]
	run_app remove stack web-01
	[ "$status" = 0 ]
	[ -z "$(at_engine 'docker ps -aq')" ]
}

@test "what the file says of containers and cannot be is told with its line" {
	printf '[app x]\nversion = 1\nport.1 = 80:80\n' >x.ini
	run_app x.ini web-01
	[ "$status" = 2 ]
	[[ $stderr == *"x.ini: [app x]: says how a container is to be, but no image"* ]]
	printf '[app x]\nversion = 1\nimage = a\ncompose = x.ini\n' >x.ini
	run_app x.ini web-01
	[[ $stderr == *"both an image and a compose file"* ]]
	printf '[app x]\nversion = 1\nimage = a\ncommand = sh -c "x\n' >x.ini
	run_app x.ini web-01
	[[ $stderr == *"x.ini:4: a quote that does not end"* ]]
	printf '[app x]\nversion = 1\nimage = a\nenv.1X = y\n' >x.ini
	run_app x.ini web-01
	[[ $stderr == *"x.ini:4: '1X' is no name of a variable"* ]]
}

# The images that the sessions of mroom-examples(7) name are all the lab's own.
examples_images() {
	at_engine 'for i in nginx:alpine postgres:15-alpine redis:7-alpine prom/prometheus grafana/grafana; do docker tag bbweb:1 $i; done'
	mroom inventory room production 'web-[01-02]' >/dev/null
}

# Through the network that the servers are in.
engine_session() {
	session "$1" 's/^mroom /engine_run mroom /'
}

@test "mroom-examples: a web application of a compose file" {
	examples_images
	echo hello >index.html
	cat >my-web-app.yaml <<-YAML
	services:
	  my-web-app:
	    image: nginx:alpine
	    ports: ["{{port}}:80"]
	    volumes: ["$LAB/my-web-app/html:/www:ro"]
	YAML
	cat >my-web-app.ini <<-INI
	[app my-web-app]
	version = 2.1.0
	compose = my-web-app.yaml
	container = my-web-app-{{SERVER_ID}}
	file.1 = index.html $LAB/my-web-app/html/index.html
	dir.1 = $LAB/my-web-app/html
	INI
	mroom state set web-01 port 8081
	mroom state set web-02 port 8082
	engine_session 'mroom deploy app my-web-app.ini @production' >out
	[ "$(cut -f3 out | xargs)" = "changed changed" ]
	[ "$(fetch_page 8081)" = hello ]
	[ "$(fetch_page 8082)" = hello ]
	[ "$(session 'mroom state get web-01 my_web_app_version')" = 2.1.0 ]
	engine_run mroom deploy app remove my-web-app @production </dev/null
}

@test "mroom-examples: a database, its password sealed" {
	examples_images
	cat >postgres.ini <<-INI
	[app postgres-db]
	version = 15
	image = postgres:15-alpine
	dir.1 = $LAB/postgres/data
	bind.1 = $LAB/postgres/data:/var/lib/postgresql/data
	port.1 = 5432:80
	env.POSTGRES_DB = myapp
	env.POSTGRES_USER = admin
	secret.POSTGRES_PASSWORD = postgres
	INI
	(umask 077 && echo hush-4715 >password)
	session 'mroom state secret set -K application postgres <password'
	engine_session 'mroom deploy app postgres.ini -w web-02' >out
	[ "$(cat out)" = "web-02	postgres-db	changed	15	" ]
	[ "$(at_engine 'docker exec postgres-db sh -c "echo \$POSTGRES_DB \$POSTGRES_USER \$POSTGRES_PASSWORD"')" = "myapp admin hush-4715" ]
	engine_run mroom deploy app remove postgres-db -w web-02 </dev/null
}

@test "mroom-examples: redis itself, and what it was told outlives it" {
	local tree=$LAB/redis program
	require redis-server
	examples_images
	mkdir -p "$tree/usr/bin" "$tree/data"
	for program in redis-server redis-cli; do
		cp -L "$(command -v "$program")" "$tree/usr/bin/$program"
	done
	image_of "$tree" redis:7-alpine "$tree"/usr/bin/* -- -c 'ENV PATH=/usr/bin:/bin' \
		-c 'CMD ["redis-server","--dir","/data","--protected-mode","no","--save",""]'
	cat >redis.ini <<-INI
	[app redis-db]
	version = 7
	image = redis:7-alpine
	dir.1 = $LAB/redis-data
	bind.1 = $LAB/redis-data:/data
	port.1 = 6379:6379
	health = docker exec redis-db redis-cli ping
	INI
	engine_session 'mroom deploy app redis.ini -w web-02' >out
	[ "$(cat out)" = "web-02	redis-db	changed	7	" ]
	[ "$(at_engine 'docker exec redis-db redis-cli set greeting hello; docker exec redis-db redis-cli save' | xargs)" = "OK OK" ]
	sed -i 's/^version.*/version = 7.1/' redis.ini
	engine_session 'mroom deploy app redis.ini -w web-02' >out
	[ "$(cat out)" = "web-02	redis-db	changed	7.1	" ]
	[ "$(engine_run bash -c 'exec 3<>/dev/tcp/127.0.0.1/6379; printf "get greeting\r\n" >&3; read -r _ <&3; read -r said <&3; echo "${said%?}"')" = hello ]
	engine_run mroom deploy app remove redis-db -w web-02 </dev/null
}

@test "mroom-examples: a whole stack, each behind what it needs" {
	examples_images
	echo 'server {}' >myapp.conf
	cat >myapp.yaml <<-'YAML'
	services:
	  app:
	    image: bbweb:1
	    ports: ["3000:80"]
	    networks: [app-network]
	networks: {app-network: {external: true}}
	YAML
	cat >stack.ini <<-INI
	[deployment]
	timeout = 300
	retries = 3
	workers = 5
	[app myapp]
	version = 1.0.0
	after = postgres-db, redis-cache
	compose = myapp.yaml
	health = http://127.0.0.1:3000/
	[app postgres-db]
	version = 15
	image = postgres:15-alpine
	network = app-network
	[app redis-cache]
	version = 7
	image = redis:7-alpine
	network = app-network
	[app nginx]
	version = 1
	after = myapp
	image = nginx:alpine
	network = app-network
	file.1 = myapp.conf $LAB/nginx.conf
	bind.1 = $LAB/nginx.conf:/etc/nginx.conf:ro
	[app monitoring]
	version = 1
	compose = monitoring.yaml
	INI
	cat >monitoring.yaml <<-'YAML'
	services:
	  prometheus:
	    image: prom/prometheus
	  grafana:
	    image: grafana/grafana
	    environment: {GF_SECURITY_ADMIN_PASSWORD: admin}
	YAML
	engine_session 'mroom deploy app stack.ini -w web-01' >out
	[ "$(cut -f2,3 out)" = "postgres-db	changed
redis-cache	changed
myapp	changed
nginx	changed
monitoring	changed" ]
	[ "$(at_engine 'docker exec nginx sh -c "cat /etc/nginx.conf; wget -qO- http://postgres-db/"')" = "server {}
ok" ]
	engine_session 'mroom deploy app status myapp -w web-01' >out
	[ "$(cat out)" = "web-01	myapp	healthy	1.0.0	" ]
	for name in monitoring nginx myapp redis-cache postgres-db; do
		engine_run mroom deploy app remove "$name" -w web-01 </dev/null
	done
	[ -z "$(at_engine 'docker ps -aq')" ]
}

run_stages() {
	run --separate-stderr engine_run mroom deploy "$@" -w web-01 </dev/null
	[ -z "$stderr" ] || echo "$stderr"
}

@test "the stages docker, image, watchtower and yacht: planned, applied, found, remembered, undone" {
	# Images of a registry of one's own, of which the server has none yet.
	at_engine 'echo secret | docker login -u user --password-stdin 127.0.0.1:5000 2>/dev/null; for image in b watchtower yacht; do
		docker tag bbweb:1 127.0.0.1:5000/$image:1; docker push -q 127.0.0.1:5000/$image:1; docker rmi 127.0.0.1:5000/$image:1; done' >/dev/null
	printf '[docker]\nwatchtower_image = 127.0.0.1:5000/watchtower:1\nyacht_image = 127.0.0.1:5000/yacht:1\n' >"$MROOM_HOME/config.ini"
	run_stages plan -s docker,image:127.0.0.1:5000/b:1,watchtower,yacht:9056
	[ "$status" = 0 ]
	[ "$output" = "web-01	docker	same	
web-01	image:127.0.0.1:5000/b:1	would	the image 127.0.0.1:5000/b:1 is not here
web-01	watchtower	would	watchtower does not run
web-01	yacht:9056	would	yacht does not run" ]
	run_stages run -s docker,image:127.0.0.1:5000/b:1,watchtower,yacht:9056
	[ "$status" = 0 ]
	[ "$(cut -f3 <<<"$output" | xargs)" = "same changed changed changed" ]
	[ "$(inspect watchtower '{{.State.Running}} {{.HostConfig.RestartPolicy.Name}} {{index .HostConfig.LogConfig.Config "max-file"}}')" = "true unless-stopped 5" ]
	[ "$(inspect 'watchtower yacht' '{{.Config.Image}}' | xargs)" = "127.0.0.1:5000/watchtower:1 127.0.0.1:5000/yacht:1" ]
	[ "$(at_engine 'docker port yacht 8000' | head -n 1)" = 0.0.0.0:9056 ]
	[ "$(mroom state get web-01 yacht_port)" = 9056 ]
	[ "$(mroom state get web-01 watchtower_installed)" = true ]
	[ "$(mroom state get web-01 installed_software.127_0_0_1_5000_b_1)" = image ]
	run_stages run -s docker,image:127.0.0.1:5000/b:1,watchtower,yacht:9056
	[ "$(cut -f3 <<<"$output" | sort -u)" = same ]
	# another port is another wish
	run_stages run -s yacht
	[ "$(at_engine 'docker port yacht 8000' | head -n 1)" = 0.0.0.0:9055 ]
	run_stages undo -s image:127.0.0.1:5000/b:1,watchtower,yacht
	[ "$status" = 0 ]
	[ -z "$(at_engine 'docker ps -aq; docker image ls -q 127.0.0.1:5000/b')" ]
	refute mroom state get web-01 yacht_port
	refute mroom state get web-01 watchtower_installed
	refute mroom state get web-01 installed_software.127_0_0_1_5000_b_1
	at_engine 'docker logout 127.0.0.1:5000' >/dev/null
}

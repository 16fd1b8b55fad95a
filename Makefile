# doudi (兜底). Two commands do everything on a machine with Go, gcc and make:
#
#   make run    build, make five synthetic counties, run three months of each
#   make test   all checks and tests
#
# The rest:
#   make build  bin/doudi
#   make lint   gofmt, go vet, staticcheck
#   make bench  benchmarks (the one of workbooks compares with libxlsxwriter: apt-get install libxlsxwriter-dev)
#   make clean  what the above left behind

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
DEMO    := .demo
DOUDI   := bin/doudi -C $(DEMO)
# gcc compiles SQLite once; the build cache keeps it.
export CGO_ENABLED := 1

.PHONY: run build test lint bench clean

# Five synthetic counties, one for each pack. Shenyang's months are those of 2019,
# so it has a workspace of its own. What the documents leave open comes from
# fixtures/demo: invented values, so that every layer can be seen.
run: build
	@rm -rf $(DEMO) out
	@bin/doudi init $(DEMO) --area 330100 --pack hangzhou-2022-70 --area 410200 --pack kaifeng-2022-draft \
	  --area 330300 --pack wenzhou-2022-98 --area 650100 --pack xinjiang-2023 >/dev/null
	@bin/doudi init $(DEMO)/2019 --area 210100 --pack shenyang-2019-78 >/dev/null
	@printf 'out: ../out\n' >> $(DEMO)/doudi.yaml
	@echo 'out: ../../out' >> $(DEMO)/2019/doudi.yaml
	@for a in 330100 410200 330300 650100; do cp fixtures/demo/$$a.yaml $(DEMO)/overlays/; done
	@cp fixtures/demo/210100.yaml $(DEMO)/2019/overlays/
	@for county in 沈阳:210100:2019/inbox:5 杭州:330100:inbox:1 开封:410200:inbox:2 温州:330300:inbox:3 新疆:650100:inbox:4; do \
	  set -- $$(echo $$county | tr : ' '); \
	  echo "== 虚构县：$$1的政策，演示参数（虚构）在 fixtures/demo/$$2.yaml"; \
	  bin/doudi sample $(DEMO)/$$3/$$2 --area $$2 --people 600 --claims 6000 --months 3 --seed $$4 --dirty || exit 1; \
	done
	@# File by file in run.log; here the sums.
	@run() { echo; echo "== 运行 $$2"; rc=0; bin/doudi -C $$1 run --month $$2 >$$1/run.out 2>>$$1/run.log || rc=$$?; \
	    grep -v '^ *工作簿' $$1/run.out; [ $$rc -eq 0 ] || [ $$rc -eq 3 ] || { tail $$1/run.log; exit $$rc; }; }; \
	  for m in 2019-06 2019-07 2019-08; do run $(DEMO)/2019 $$m; done; \
	  for m in 2023-06 2023-07 2023-08; do run $(DEMO) $$m; done
	@echo; bin/doudi -C $(DEMO)/2019 verify && $(DOUDI) verify
	@echo
	@echo '工作簿在 out/（每月、每个统筹区一个文件夹，退回的行在其中的 退回/）。接着可以试：'
	@echo '  $(DOUDI) results --year 2023 | head'
	@echo '  $(DOUDI) adjustments | head'
	@echo '  $(DOUDI) cases --year 2023'
	@echo '  $(DOUDI) reconcile --month 2023-08 --area 410200'
	@echo '  $(DOUDI) rules show'
	@echo '  bin/doudi -C $(DEMO)/2019 results --year 2019 | head    （沈阳，2019 年）'

build:
	@mkdir -p bin
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/doudi ./cmd/doudi

test:
	@bash .ci/test

lint:
	@bash .ci/lint

bench:
	go test -run '^$$' -bench . -benchtime 1x ./...

clean:
	rm -rf bin out $(DEMO)

# doudi (兜底). Two commands do everything on a machine with Go, gcc and make:
#
#   make run    build, make a synthetic county, run three months in two areas
#   make test   all checks and tests
#
# The rest:
#   make build  bin/doudi
#   make lint   gofmt, go vet, staticcheck
#   make bench  benchmarks
#   make clean  what the above left behind

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo dev)
DEMO    := .demo
DOUDI   := bin/doudi -C $(DEMO)
# gcc compiles SQLite once; the build cache keeps it.
export CGO_ENABLED := 1

.PHONY: run build test lint bench clean

run: build
	@rm -rf $(DEMO) out
	@bin/doudi init $(DEMO) --area 330100 --pack hangzhou-2022-70 --area 410200 --pack kaifeng-2022-draft >/dev/null
	@echo 'out: ../out' >> $(DEMO)/doudi.yaml
	@# Values that the documents leave open, so that every layer can be seen; they are nobody's real ones.
	@printf 'document: 演示参数（虚构）\nspecial: {threshold: 20000}\nmonitor:\n  yinbing_zhipin: {line: 30000}\n  yinbing_fanpin: {line: 20000}\n' > $(DEMO)/overlays/330100.yaml
	@printf 'document: 演示参数（虚构）\nmajor: {deductible: 11000, tiers: [{to: 100000, ratio: 60%%}, {ratio: 70%%}], cap: 400000}\n' > $(DEMO)/overlays/410200.yaml
	@echo '== 虚构县：杭州政策'
	@bin/doudi sample $(DEMO)/inbox/330100 --pack hangzhou-2022-70 --area 330100 --people 800 --claims 8000 --months 3 --seed 1 --dirty
	@echo '== 虚构县：开封政策'
	@bin/doudi sample $(DEMO)/inbox/410200 --pack kaifeng-2022-draft --area 410200 --people 800 --claims 8000 --months 3 --seed 2 --dirty
	@for m in 2023-06 2023-07 2023-08; do \
	  echo "== 运行 $$m"; \
	  $(DOUDI) run --month $$m; rc=$$?; \
	  if [ $$rc -ne 0 ] && [ $$rc -ne 3 ]; then exit $$rc; fi; \
	done
	@$(DOUDI) verify
	@echo
	@echo '工作簿在 out/（每月、每个统筹区一个文件夹，退回的行在其中的 退回/）。接着可以试：'
	@echo '  $(DOUDI) results --year 2023 | head'
	@echo '  $(DOUDI) adjustments | head'
	@echo '  $(DOUDI) cases --year 2023'
	@echo '  $(DOUDI) rules show'

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

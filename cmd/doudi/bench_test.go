package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"doudi/fixtures"
)

// BenchmarkCounty runs a month of 20,000 people and 200,000 claims, from the
// spreadsheets to the workbooks, and reports where the time goes by stage.
func BenchmarkCounty(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		ws := filepath.Join(dir, "ws")
		run := func(args ...string) []byte {
			var out, errOut bytes.Buffer
			a := newApp(&out, &errOut)
			if code := a.execute(context.Background(), args); code != exitDone && code != exitReturned {
				b.Fatalf("%v: exit code %d\n%s", args, code, errOut.String())
			}
			return out.Bytes()
		}
		run("init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
		if _, err := fixtures.Write(filepath.Join(ws, "inbox", "330100"), fixtures.Options{Pack: "hangzhou-2022-70", Area: "330100", People: 20_000, Claims: 200_000, Months: 3, First: 202306, Seed: 7, CSVClaims: true}); err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		start := time.Now()
		b.StartTimer()
		out := run("-C", ws, "run", "--month", "2023-08", "--format", "json")
		b.StopTimer()
		var j struct {
			Stages map[string]int64 `json:"stages_ms"`
		}
		if err := json.Unmarshal(out, &j); err != nil {
			b.Fatal(err)
		}
		for name, ms := range j.Stages {
			b.ReportMetric(float64(ms), stageUnit[name])
		}
		b.ReportMetric(200_000/time.Since(start).Seconds(), "claims/s")
		// Of the same run, so that another machine or a busy one says the same.
		b.ReportMetric(200_000_000/float64(j.Stages["工作簿"]), "workbooks-claims/s")
		b.ReportMetric(float64(j.Stages["工作簿"])/float64(j.Stages["重算"]+j.Stages["读取"]), "workbooks/settle")
		b.StartTimer()
	}
}

// stageUnit names the stages for the benchmark's report, which is ASCII.
var stageUnit = map[string]string{"导入": "import-ms", "读取": "load-ms", "重算": "settle-ms", "写入": "store-ms", "入账": "commit-ms", "对账": "reconcile-ms", "工作簿": "workbooks-ms"}

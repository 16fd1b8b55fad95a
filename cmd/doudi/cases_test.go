package main

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"
	"doudi/rules/packs"

	"github.com/goccy/go-yaml"
)

// TestCasesThroughTheFrontDoor: every worked case of the packs, typed into
// spreadsheets as an office would send them, comes out of `results` to the fen.
func TestCasesThroughTheFrontDoor(t *testing.T) {
	ran := 0
	for _, id := range pack.Builtin() {
		p, err := pack.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		files, err := fs.Glob(packs.Files, id+"/cases/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			ran++
			t.Run(filepath.Base(file), func(t *testing.T) { caseThroughCLI(t, p, file) })
		}
	}
	if ran < 15 {
		t.Fatalf("only %d cases", ran)
	}
}

func caseThroughCLI(t *testing.T, p *pack.Pack, file string) {
	data, err := packs.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pack.ParseCase(file, data)
	if err != nil {
		t.Fatal(err)
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{{Pack: p, Overlay: c.Overlay}})
	if err != nil {
		t.Fatal(err)
	}
	// A designated hospital or a listed disease stands in a spreadsheet by its name.
	if err := c.Resolve(pol); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", p.Area, "--pack", p.ID)
	if c.Overlay != nil {
		var raw struct {
			Overlay map[string]any `yaml:"overlay"`
		}
		if err := yaml.Unmarshal(data, &raw); err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(raw.Overlay)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(ws, "overlays", p.Area+".yaml"), string(text))
	}
	const certno = "99000119600101001X"
	var roster strings.Builder
	roster.WriteString("困难群众名单,,,,,,\n变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期,区县\n")
	for _, e := range c.Events {
		why, start, end := "", e.Date.String(), ""
		if e.Cause == rules.Illness {
			why = "因病"
		}
		if e.Op == rules.Remove {
			start, end = "", e.Date.String()
		}
		word := e.Category.Chinese()
		if e.Category == rules.Canji {
			word = "二级残疾"
		}
		fmt.Fprintf(&roster, "%s,张三,%s,%s,%s,%s,%s,%s\n", e.Op.Chinese(), certno, word, why, start, end, e.County)
	}
	med := map[rules.Kind]string{rules.Inpatient: "21", rules.Outpatient: "11", rules.OutpatientSpecial: "14", rules.Pharmacy: "41", rules.Maternity: "51"}
	level := map[uint8]string{0: "", 1: "09", 2: "05", 3: "01"}
	var claims strings.Builder
	claims.WriteString("setl_id,certno,psn_name,insutype,med_type,dise_codg,dise_name,fixmedins_name,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,hifmi_pay,maf_pay,oth_pay,pay_loc,trt_flag\n")
	for _, x := range c.Claims {
		loc, flag := "1", ""
		if x.Referral != rules.Local {
			loc, flag = "3", "1"
			if x.Referral == rules.Unreferred {
				flag = "0"
			}
		}
		fmt.Fprintf(&claims, "%s,%s,张三,390,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", x.ID, certno, med[x.Kind], x.DiseaseCode, x.DiseaseName, x.HospitalName, level[x.Level], x.At,
			x.Total, x.InScope, x.Basic, x.Major, x.Assist, x.Other, loc, flag)
	}
	write(t, filepath.Join(ws, "inbox", p.Area, "民政.csv"), roster.String())
	write(t, filepath.Join(ws, "inbox", p.Area, "结算.csv"), claims.String())
	// The cases reach into 2026; the run stands after them.
	at := civil.Month(202606)
	doudiAt(t, ws, at, "run", "--month", at.String())
	got := map[string][]string{}
	for year := 2019; year <= 2026; year++ {
		rows, err := csv.NewReader(strings.NewReader(doudiAt(t, ws, at, "results", "--year", strconv.Itoa(year)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			got[r[3]] = r
		}
	}
	for _, e := range c.Expect {
		r := got[e.ID]
		if r == nil {
			t.Errorf("line %d: no result for %s", e.Line, e.ID)
			continue
		}
		w := e.Want
		have := strings.Join([]string{r[6], r[7], r[10], r[11], r[12], r[13], r[14], r[15], r[16], r[17], r[18]}, " ")
		want := fmt.Sprintf("%s %t %s %s %s %s %s %s %s %s %s", w.Category, e.Retro, w.Basic, w.Other, w.Major, w.Assist, w.Tilt, w.Special, w.Supplement, w.Hospital, w.Person)
		if have != want {
			t.Errorf("line %d: %s\n got %s\nwant %s", e.Line, e.ID, have, want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

package catalogue

import (
	"bytes"
	"strings"
	"testing"
)

// What is wrong with the covers is said with its line.
func TestParseCovers_Errors(t *testing.T) {
	text := CoversText()
	for _, x := range []struct{ from, to, want string }{
		{"  retro: {label: 回溯救助, table: retro,", "  retro: {label: 回溯救助, table: retros,", `covers.yaml 第 `},
		{"  retro: {label: 回溯救助, table: retro,", "  retro: {label: 回溯救助, table: retros,", `没有表 "retros"`},
		{"  retro: {label: 回溯救助,", "  retro: {", "没有写 label"},
		{"table: adjustments, sum: amount, where: {kind: [追回]}", "table: adjustments, sum: amounts, where: {kind: [追回]}", `没有列 "amounts"`},
		{"table: adjustments, sum: amount, where: {kind: [追回]}", "table: adjustments, sum: amount, where: {kinds: [追回]}", `没有列 "kinds"`},
		{"except: {fund: [定点医院]}", "except: {funds: [定点医院]}", `没有列 "funds"`},
		{"run: touched", "run: touching", `run 没有 "touching"`},
		{"{label: 应由医院承担, table: hospital_share, sum: borne,", "{label: 应由医院承担, table: hospital_share, sum: borne, value: borne,", "只能写一个"},
		{"run: returned, unit: 行, tone: watch", "run: returned, unit: 行, tone: pink", `颜色 "pink"`},
		{"  - department: 卫健\n", "  - department: 卫健委\n", `没有 "卫健委"`},
		{"figures: [due, paid, diff,", "figures: [due, paid, difference,", `没有数字 "difference"`},
		{"  - {table: refunds, say:", "  - {table: refunds, says:", `unknown field "says"`},
		{`{table: no_pack, say: "{n} 笔结算当日没有政策包，未重算：请补政策包", departments: [医保]}`, `{table: no_pack, departments: [医保]}`, "没有写 say"},
		{"请补政策包\", departments: [医保]}", "请补政策包\", departments: [医报]}", `没有 "医报"`},
	} {
		if n := bytes.Count(text, []byte(x.from)); n != 1 {
			t.Fatalf("%q stands %d times", x.from, n)
		}
		_, err := ParseCovers(bytes.Replace(text, []byte(x.from), []byte(x.to), 1), Default())
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q: %v, want %s", x.to, err, x.want)
		}
	}
	if DefaultCovers().Of(Default().Find("慈善")).Figures == nil || DefaultCovers().Of(stranger("妇联")).Figures == nil {
		t.Error("no figures for the others")
	}
}

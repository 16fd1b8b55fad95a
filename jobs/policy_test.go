package jobs

import (
	"context"
	"errors"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules/pack"
)

type texts map[string]ledger.PolicyText

func (x texts) PolicyTexts(context.Context) (map[string]ledger.PolicyText, error) { return x, nil }

func areaWith(t *testing.T, code, name, id, overlay string) Area {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := pack.ParseOverlay("本地.yaml", []byte(overlay))
	if err != nil {
		t.Fatal(err)
	}
	a := Area{Code: code, Name: name, Layers: []pack.Layered{{Pack: p, Overlay: o}}, Inbox: "inbox"}
	if a.Policy, err = pack.Compile(code, a.Layers); err != nil {
		t.Fatal(err)
	}
	a.Policy.In(name)
	return a
}

// TestAreasOf: the areas of a past run have the policy that it used, though the
// workspace has another one, or has the area no more; without the texts the
// present one stands in, and that is said.
func TestAreasOf(t *testing.T) {
	was := areaWith(t, "330100", "杭州市", "hangzhou-2022-70", "assist: {ratio: {dibao: 85%}}\n")
	left := areaWith(t, "210100", "康平县", "shenyang-2019-78", "document: 甲\n")
	kept := texts{}
	run := ledger.Run{No: 1}
	for _, a := range []Area{was, left} {
		l := a.Layers[0]
		run.Areas = append(run.Areas, ledger.RunArea{Area: a.Code, Name: a.Name, PolicyDigest: a.Policy.Digest, Packs: []ledger.PackUsed{{ID: l.ID, Digest: l.Digest, Overlay: l.Overlay.Digest}}})
		for _, d := range l.Documents() {
			kept[d.Digest] = ledger.PolicyText{Digest: d.Digest, Kind: d.Kind, Name: d.Name, Base: d.Base, Text: d.Text}
		}
	}
	is := areaWith(t, "330100", "杭州", "hangzhou-2022-70", "assist: {ratio: {dibao: 90%}}\n")
	got, lost, err := AreasOf(t.Context(), kept, []Area{is}, run)
	if err != nil || len(lost) != 0 || len(got) != 2 {
		t.Fatalf("%d areas, %v, %v", len(got), lost, err)
	}
	for i, want := range []Area{was, left} {
		if g := got[i]; g.Code != want.Code || g.Name != want.Name || g.Policy.Digest != want.Policy.Digest || len(g.Layers) != 1 {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
	if got[0].Inbox != "inbox" {
		t.Error("what is about reading files does not come from the workspace")
	}
	// What is as it was is taken as it is.
	if got, lost, err = AreasOf(t.Context(), texts{}, []Area{was}, run); err != nil || len(got) != 1 || got[0].Policy != was.Policy || len(lost) != 1 || lost["210100"] == nil {
		t.Errorf("%d areas, %v, %v", len(got), lost, err)
	}
	got, lost, err = AreasOf(t.Context(), texts{}, []Area{is}, run)
	if err != nil || len(got) != 1 || got[0].Policy != is.Policy || !errors.Is(lost["330100"], ErrNoPolicy) || !errors.Is(lost["330100"], pack.ErrNoDocument) {
		t.Errorf("%d areas, %v, %v", len(got), lost, err)
	}
	// Runs of before kept nothing.
	old := run
	old.Areas = []ledger.RunArea{{Area: "330100", Name: "杭州市", PolicyDigest: "x"}}
	if _, lost, err = AreasOf(t.Context(), kept, []Area{is}, old); err != nil || !errors.Is(lost["330100"], ErrNoPolicy) {
		t.Errorf("%v, %v", lost, err)
	}
}

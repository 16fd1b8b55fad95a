package intake

import (
	"fmt"
	"maps"
	"slices"

	"doudi/rules"
)

// CheckNames finds a word that an office's own names, of columns by field or of
// categories by code, give two meanings: which of them it had would be chance.
// One name may stand for two fields that no kind of table has both of.
func CheckNames(columns, categories map[string][]string) error {
	for _, v := range vocabularies {
		of := map[string]string{}
		for _, f := range slices.Sorted(maps.Keys(columns)) {
			if v.names[field(f)] == nil {
				continue
			}
			if err := once(of, "columns", f, columns[f]); err != nil {
				return err
			}
		}
	}
	of := map[string]string{}
	for _, c := range slices.Sorted(maps.Keys(categories)) {
		if err := once(of, "categories", c, categories[c]); err != nil {
			return err
		}
	}
	return nil
}

// once puts words under a key, unless one stands under another already.
func once(of map[string]string, part, key string, words []string) error {
	for _, w := range words {
		n := rules.Fold(w)
		if was, ok := of[n]; ok && was != key {
			return fmt.Errorf("%s 里“%s”同时登记在 %s 和 %s 之下，无法确定是哪一个，请只留一处", part, w, was, key)
		}
		of[n] = key
	}
	return nil
}

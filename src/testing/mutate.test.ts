import { expect, it } from 'vitest';
import { valuesIn, withValue } from './mutate.ts';

it('finds every value of a payload and no key', () => {
  const text = '{"a":"1.5","b\\":":[-2,"x:","3",true,null],"c" : {"d":1e-7}}';
  const values = valuesIn(text).map(({ value }) => value);
  expect(values).toEqual(['"1.5"', '-2', '"x:"', '"3"', 'true', 'null', '1e-7']);
  for (const place of valuesIn(text)) {
    expect(() => JSON.parse(withValue(text, place, '"?"'))).not.toThrow();
  }
});

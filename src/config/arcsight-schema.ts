import { type Static, Type } from 'typebox';
import { DEFAULT_CHOICES } from '../domain/arcsight-choices.ts';
import { CLOSED } from './schema-keys.ts';

/** Text that stands in the parser file between quotes: printable ASCII, no backslash. */
const NAME = {
  pattern: '^[ -\\[\\]-~]{1,63}$',
  'x-expects': 'text of at most 63 ASCII characters without a backslash',
};

const level = (word: string, fallback: string) =>
  Type.Optional(
    Type.Enum(['veryhigh', 'high', 'medium', 'low'], {
      description: `ArcSight's severity of a detection whose severity is ${word}. Without it: ${fallback}.`,
    }),
  );

const ChosenMappingSchema = Type.Object(
  {
    field: Type.String({
      description:
        "ArcSight event field, for example `customerURI`. It takes the place of FlexBridge's own mapping of that field.",
      'x-expects': 'the name of an ArcSight event field',
    }),
    from: Type.Optional(
      Type.String({
        description: 'Member of the feed that fills it. One of `from`, `constant` and `empty` is required.',
        'x-expects': 'the name of a member of the feed',
      }),
    ),
    constant: Type.Optional(
      Type.Unsafe<string | number>({
        description: 'What it always holds: text, or a whole number.',
        type: ['string', 'integer'],
        'x-expects': 'text or a whole number',
      }),
    ),
    empty: Type.Optional(
      Type.Boolean({ description: '`true`: it stays empty.', const: true, 'x-expects': 'true, or not there' }),
    ),
    label: Type.Optional(
      Type.String({
        description: 'Label of a custom field (`deviceCustom...`, `flex...`), which means nothing without one.',
        'x-expects': 'text',
      }),
    ),
  },
  CLOSED,
);

export const ArcSightSchema = Type.Object(
  {
    deviceVendor: Type.String({
      description: 'Vendor that the events name in ArcSight.',
      default: DEFAULT_CHOICES.deviceVendor,
      ...NAME,
    }),
    deviceProduct: Type.String({
      description: 'Product that the events name in ArcSight.',
      default: DEFAULT_CHOICES.deviceProduct,
      ...NAME,
    }),
    severity: Type.Object(
      {
        High: level('High', 'high'),
        Medium: level('Medium', 'medium'),
        Low: level('Low', 'low'),
        Informational: level('Informational', 'low'),
        UnSpecified: level('UnSpecified', 'low'),
      },
      { ...CLOSED, description: "ArcSight's severity by the severity of the detection.", default: {} },
    ),
    mappings: Type.Array(ChosenMappingSchema, {
      description: 'ArcSight fields that are filled otherwise, or besides.',
      default: [],
      'x-expects': 'a list of blocks with field and one of from, constant, empty',
    }),
    leaveOut: Type.Array(Type.String(), {
      description: 'Members that the feed goes without.',
      default: [],
      'x-expects': 'a list of names of members of the feed',
    }),
  },
  {
    ...CLOSED,
    description: 'What is chosen differently for ArcSight: see [arcsight-choices.md](arcsight-choices.md).',
    default: {},
  },
);

export type ArcSightSettings = Static<typeof ArcSightSchema>;
export type MappingChoice = Static<typeof ChosenMappingSchema>;

import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Typed lint only: what the formatter and the compiler already say is not said twice. */
export default tseslint.config({
  files: ['src/**/*.ts', 'test/**/*.ts'],
  extends: [tseslint.configs.strictTypeCheckedOnly],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project: './.config/tsconfig.test.json', tsconfigRootDir: root },
  },
  rules: {
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    '@typescript-eslint/switch-exhaustiveness-check': 'error',
    '@typescript-eslint/no-non-null-assertion': 'error',
  },
});

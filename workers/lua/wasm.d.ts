/** What bundlers make of an import of WebAssembly: a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  // oxlint-disable-next-line import/no-default-export -- the bundlers' convention
  export default module;
}

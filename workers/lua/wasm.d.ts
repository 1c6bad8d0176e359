/** What bundlers make of an import of WebAssembly: a compiled module. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

// The npm package `workerd` comes without types.
declare module "workerd" {
  const workerd: { readonly default: string; readonly compatibilityDate: string };
  export = workerd;
}

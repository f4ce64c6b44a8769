namespace MnistLstm.Api.Models;

/// <summary>Keeps a model in memory, also if it is replaced meanwhile, until the lease is disposed of.</summary>
public readonly struct ModelLease(ServedModel model) : IDisposable
{
    public ServedModel Model { get; } = model;

    public void Dispose() => Model.Release();
}

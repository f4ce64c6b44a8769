namespace MnistLstm.Api.Models;

/// <summary>Keeps a model in memory until the lease is disposed of, even if the model is replaced meanwhile.</summary>
public readonly struct ModelLease(ServedModel model) : IDisposable
{
    public ServedModel Model { get; } = model;

    public void Dispose() => Model.Release();
}

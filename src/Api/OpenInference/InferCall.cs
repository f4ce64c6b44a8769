using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenInference;

/// <summary>What a request for inference asks for.</summary>
internal sealed class InferCall : IDisposable
{
    private static readonly RequestedOutput[] EveryOutput =
        [new RequestedOutput(ModelContract.Probabilities), new RequestedOutput(ModelContract.Logits)];

    private readonly List<RequestedOutput> _outputs = new(EveryOutput.Length);

    /// <summary>Sent back as it came.</summary>
    public string? Id { get; set; }

    /// <summary>Whether outputs are raw where they do not say so themselves.</summary>
    public bool BinaryOutputs { get; set; }

    /// <summary>Null until there is one.</summary>
    public InputTensor? Input { get; set; }

    /// <summary>In the order of the request; every one if it names none.</summary>
    public IReadOnlyList<RequestedOutput> Outputs => _outputs.Count == 0 ? EveryOutput : _outputs;

    /// <returns>False if it is asked for already.</returns>
    public bool TryAdd(RequestedOutput output)
    {
        foreach (RequestedOutput other in _outputs)
        {
            if (other.Name == output.Name)
            {
                return false;
            }
        }

        _outputs.Add(output);
        return true;
    }

    public bool IsBinary(RequestedOutput output) => output.Binary ?? BinaryOutputs;

    public void Dispose() => Input?.Dispose();
}

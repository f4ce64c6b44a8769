namespace MnistLstm.Api.OpenInference;

/// <summary>What a request asks for besides its images, whichever protocol it came by.</summary>
internal sealed class InferCall
{
    private readonly List<RequestedOutput> _outputs = [];

    /// <summary>Returned unchanged.</summary>
    public string? Id { get; set; }

    /// <summary>Whether outputs are raw unless they say otherwise.</summary>
    public bool BinaryOutputs { get; set; }

    /// <summary>In the order of the request; all of them if it names none.</summary>
    public IReadOnlyList<RequestedOutput> Outputs => _outputs.Count == 0 ? RequestedOutput.All : _outputs;

    /// <returns>A sentence that names the problem with the output; null if there is none.</returns>
    public string? Add(RequestedOutput output)
    {
        string? problem = output.FindProblem(_outputs);
        if (problem is null)
        {
            _outputs.Add(output);
        }

        return problem;
    }
}

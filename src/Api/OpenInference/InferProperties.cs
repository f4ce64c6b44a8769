namespace MnistLstm.Api.OpenInference;

/// <summary>Properties of a request for inference, of its inputs and outputs; in JSON they are written in lower case.</summary>
[Flags]
internal enum InferProperties
{
    None = 0,
    Id = 1,
    Parameters = 2,
    Inputs = 4,
    Outputs = 8,
    Name = 16,
    Shape = 32,
    Datatype = 64,
    Data = 128,
}

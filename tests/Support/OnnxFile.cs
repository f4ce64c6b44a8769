using System.Text;

namespace MnistLstm.Support;

/// <summary>
/// A model file written byte by byte: rows → Flatten → MatMul → logits → Softmax → probabilities. All weights are 0, so
/// it reads every picture as a 0. What a property changes is wrong in it. Field numbers are those of onnx.proto.
/// </summary>
public sealed record OnnxFile
{
    private const int Float = 1;
    private const int Double = 11;

    public string Input { get; init; } = "rows";

    /// <summary>0 stands for N.</summary>
    public int[] InputShape { get; init; } = [0, 28, 28];

    public int Classes { get; init; } = 10;

    public string Logits { get; init; } = "logits";

    public string Probabilities { get; init; } = "probabilities";

    public bool InDouble { get; init; }

    public string? ExtraInput { get; init; }

    public string? Card { get; init; } = File.ReadAllText(Repository.PathOf("models", "seed.card.json"));

    private int Type => InDouble ? Double : Float;

    public byte[] ToBytes()
    {
        int features = InputShape.Skip(1).Aggregate(1, (product, size) => product * size);
        byte[] weights = new byte[features * Classes * (InDouble ? sizeof(double) : sizeof(float))];
        byte[] graph =
        [
            .. Node("Flatten", [Input], "flat"),
            .. Node("MatMul", ["flat", "weights"], Logits),
            .. Node("Softmax", [Logits], Probabilities),
            .. Text(2, "test"),
            .. Message(5, [.. Number(1, features), .. Number(1, Classes), .. Number(2, Type), .. Text(8, "weights"),
                .. Message(9, weights)]),
            .. Value(11, Input, InputShape),
            .. ExtraInput is null ? [] : Value(11, ExtraInput, [0]),
            .. Value(12, Probabilities, [0, Classes]),
            .. Value(12, Logits, [0, Classes]),
        ];
        return
        [
            .. Number(1, 8),
            .. Message(7, graph),
            .. Message(8, [.. Text(1, ""), .. Number(2, 17)]),
            .. Card is null ? [] : Message(14, [.. Text(1, "model_card"), .. Text(2, Card)]),
        ];
    }

    private static byte[] Node(string type, string[] inputs, string output) =>
        Message(1, [.. inputs.SelectMany(input => Text(1, input)), .. Text(2, output), .. Text(4, type)]);

    private byte[] Value(int field, string name, int[] shape)
    {
        byte[] dimensions = [.. shape.SelectMany(size => Message(1, size == 0 ? Text(2, "N") : Number(1, size)))];
        byte[] tensor = [.. Number(1, Type), .. Message(2, dimensions)];
        return Message(field, [.. Text(1, name), .. Message(2, Message(1, tensor))]);
    }

    private static byte[] Text(int field, string value) => Message(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Message(int field, byte[] content) =>
        [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static IEnumerable<byte> Varint(int value)
    {
        uint rest = (uint)value;
        for (; rest > 127; rest >>= 7)
        {
            yield return (byte)(rest | 128);
        }

        yield return (byte)rest;
    }
}

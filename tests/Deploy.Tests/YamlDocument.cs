using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace MnistLstm.Deploy.Tests;

/// <summary>A YAML file as a tree, anchors and merge keys resolved.</summary>
internal static class YamlDocument
{
    public static JsonNode Load(params string[] path) => Parse(File.ReadAllText(Repository.PathOf(path)));

    public static JsonNode Parse(string text)
    {
        IDeserializer deserializer = new DeserializerBuilder().WithDuplicateKeyChecking().Build();
        return ToNode(deserializer.Deserialize<object>(new MergingParser(new Parser(new StringReader(text)))))!;
    }

    private static JsonNode? ToNode(object? value) => value switch
    {
        IDictionary<object, object?> map =>
            new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key.ToString()!, ToNode(entry.Value)))),
        IList<object?> list => new JsonArray([.. list.Select(ToNode)]),
        _ => value?.ToString(),
    };
}
